using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Feed;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Widgets;

/// <summary>
/// An admin shows a widget, or agrees to what another admin wishes to be shown. Where two have to agree, the first one's wish is
/// kept (202).
/// </summary>
public static class PublishWidget
{
    internal static void Map(RouteGroupBuilder admin) => admin.MapPost("/widgets/{id}/publish", Handle).WithName("PublishWidget");

    private static async Task<Results<Ok<WidgetView>, Accepted<WidgetView>, ProblemHttpResult>> Handle(
        string id, CurrentUser user, Database database, Approval approval, FeedModels models, TimeProvider time, CancellationToken ct)
    {
        var (widget, problem) = await database.Write(
            tx => StoredWidgets.Change(tx, id, user.Id, before => Task.FromResult(approval.Publish(before, user.Id)), time), ct);
        if (problem is not null) return problem.ToResult();
        await models.Reload(ct);
        return Answer(widget!);
    }

    internal static Results<Ok<WidgetView>, Accepted<WidgetView>, ProblemHttpResult> Answer(Widget widget) => widget.Proposal is null
        ? TypedResults.Ok(WidgetView.Of(widget))
        : TypedResults.Accepted($"/api/admin/widgets/{widget.Id}", WidgetView.Of(widget));
}

using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Widgets;

/// <summary>
/// An admin shows a widget, or agrees to what another admin wishes to be shown. Where two have to agree, the first one's wish is
/// kept (202), until somebody publishes or refuses it.
/// </summary>
public static class PublishWidget
{
    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapPost("/widgets/{id}/publish", Handle).WithName("PublishWidget");
        admin.MapPost("/widgets/{id}/refuse", Refuse).WithName("RefuseWidget");
    }

    private static async Task<Results<Ok<WidgetView>, Accepted<WidgetView>, ProblemHttpResult>> Handle(
        string id, CurrentUser user, WidgetEditor editor, CancellationToken ct)
    {
        var (widget, problem) = await editor.Publish(id, user.Id, seen: null, ct);
        return problem is not null ? problem.ToResult() : Answer(widget!);
    }

    private static async Task<Results<Ok<WidgetView>, ProblemHttpResult>> Refuse(
        string id, CurrentUser user, WidgetEditor editor, CancellationToken ct)
    {
        var (widget, problem) = await editor.Refuse(id, user.Id, ct);
        return problem is not null ? problem.ToResult() : TypedResults.Ok(WidgetView.Of(widget!));
    }

    internal static Results<Ok<WidgetView>, Accepted<WidgetView>, ProblemHttpResult> Answer(Widget widget) => widget.Proposal is null
        ? TypedResults.Ok(WidgetView.Of(widget))
        : TypedResults.Accepted($"/api/admin/widgets/{widget.Id}", WidgetView.Of(widget));
}

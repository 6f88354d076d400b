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
        string id, Agreement? request, CurrentUser user, WidgetEditor editor, CancellationToken ct)
    {
        var (widget, problem) = await editor.Publish(id, user.Id, request?.Mark, ct);
        return problem is not null ? problem.ToResult() : Answer(widget!, user);
    }

    private static async Task<Results<Ok<WidgetView>, ProblemHttpResult>> Refuse(
        string id, Agreement? request, CurrentUser user, WidgetEditor editor, CancellationToken ct)
    {
        var (widget, problem) = await editor.Refuse(id, user.Id, request?.Mark, ct);
        return problem is not null ? problem.ToResult() : TypedResults.Ok(WidgetView.Of(widget!));
    }

    /// <summary>202 when what this admin wishes waits for another one.</summary>
    internal static Results<Ok<WidgetView>, Accepted<WidgetView>, ProblemHttpResult> Answer(Widget widget, CurrentUser user) =>
        widget.Proposal?.UserId == user.Id
            ? TypedResults.Accepted($"/api/admin/widgets/{widget.Id}", WidgetView.Of(widget))
            : TypedResults.Ok(WidgetView.Of(widget));
}

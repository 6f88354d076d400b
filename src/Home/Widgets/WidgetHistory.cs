using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Widgets;

/// <summary>What a widget was, who changed what, and the way back.</summary>
public static class WidgetHistory
{
    private static readonly Problem RevisionUnknown = new(404, "not-found", "There is no such revision, or it is too old.");

    /// <param name="Version">That the widget had from then on.</param>
    /// <param name="UserId">The admin; null for its source, and for somebody whose account is gone.</param>
    /// <param name="Changes">From the revision before; empty in the oldest that is kept.</param>
    public sealed record RevisionView(long Version, string? UserId, DateTimeOffset At, IReadOnlyList<Change> Changes, JsonElement Widget);

    /// <param name="Field">Of the widget, for instance `priority`.</param>
    /// <param name="Before">Null when there was none.</param>
    public sealed record Change(string Field, JsonElement? Before, JsonElement? After);

    public sealed record Response(IReadOnlyList<RevisionView> Revisions);

    /// <param name="Version">The revision to go back to.</param>
    /// <param name="Mark">That of somebody else's proposal, which this may replace.</param>
    public sealed record Request([property: Range(1, long.MaxValue)] long Version, [property: MaxLength(64)] string? Mark = null);

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/widgets/{id}", One).WithName("GetWidget");
        admin.MapGet("/widgets/{id}/revisions", Handle).WithName("ListWidgetRevisions");
        admin.MapPost("/widgets/{id}/rollback", RollBack).WithName("RollBackWidget");
    }

    /// <summary>The latest first; at most 100 are kept.</summary>
    internal static async Task<IReadOnlyList<RevisionView>?> Of(Database database, string id, CancellationToken ct)
    {
        var found = await database.Snapshot(async tx => await StoredWidgets.ById(tx, id) is null ? null : await Revisions.Of(tx, id), ct);
        return found?.Select((one, i) => new RevisionView(
            one.Version, one.UserId, one.At.ToTime(),
            i + 1 == found.Count ? [] : [.. Revisions.Difference(found[i + 1].Widget, one.Widget)
                .Select(change => new Change(change.Member, change.Before, change.After))],
            JsonElement.Parse(one.Widget))).ToList();
    }

    private static async Task<Results<Ok<WidgetView>, ProblemHttpResult>> One(string id, Database database, CancellationToken ct) =>
        await database.Read(tx => StoredWidgets.ById(tx, id), ct) is { } widget
            ? TypedResults.Ok(WidgetView.Of(widget))
            : StoredWidgets.Unknown.ToResult();

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(string id, Database database, CancellationToken ct) =>
        await Of(database, id, ct) is { } revisions ? TypedResults.Ok(new Response(revisions)) : StoredWidgets.Unknown.ToResult();

    private static async Task<Results<Ok<WidgetView>, Accepted<WidgetView>, ProblemHttpResult>> RollBack(
        string id, Request request, CurrentUser user, WidgetEditor editor, CancellationToken ct)
    {
        var (widget, problem) = await Return(id, request, user, editor, ct);
        return problem is not null ? problem.ToResult() : PublishWidget.Answer(widget!, user);
    }

    /// <summary>To an earlier revision, but for the state: what was taken off stays off, what is shown stays shown.</summary>
    internal static Task<Outcome<Widget>> Return(
        string id, Request request, CurrentUser user, WidgetEditor editor, CancellationToken ct) => editor.Change(
        id, user.Id, request.Mark,
        async (tx, now) => await Revisions.Find(tx, id, request.Version) is { } revision
            ? await editor.CheckedAgain(tx, WidgetView.Apply(now, revision.Widget) with { State = now.State })
            : RevisionUnknown,
        ct);
}

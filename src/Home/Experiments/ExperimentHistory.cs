using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Widgets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Experiments;

/// <summary>What an experiment was, who changed what, and the way back as far as it may be changed.</summary>
public static class ExperimentHistory
{
    /// <param name="UserId">The admin; null for somebody whose account is gone.</param>
    /// <param name="Changes">From the revision before; empty in the oldest that is kept.</param>
    public sealed record RevisionView(
        long Version, string? UserId, DateTimeOffset At, IReadOnlyList<WidgetHistory.Change> Changes, JsonElement Experiment);

    public sealed record Response(IReadOnlyList<RevisionView> Revisions);

    /// <param name="Version">The revision whose design is to be the experiment's again; its state stays.</param>
    /// <param name="Mark">That of somebody else's proposal, which this may replace.</param>
    public sealed record Request([property: Range(1, long.MaxValue)] long Version, [property: MaxLength(64)] string? Mark = null);

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/experiments/{key}/revisions", Handle).WithName("ListExperimentRevisions");
        admin.MapPost("/experiments/{key}/rollback", RollBack).WithName("RollBackExperiment");
    }

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(string key, Database database, CancellationToken ct)
    {
        // An experiment has a revision from its first moment.
        var found = await database.Read(tx => StoredExperiments.RevisionsOf(tx, key).AsTask(), ct);
        return found.Count == 0 ? StoredExperiments.Unknown.ToResult() : TypedResults.Ok(new Response([.. found.Select((one, i) =>
            new RevisionView(
                one.Version, one.UserId, one.At.ToTime(),
                i + 1 == found.Count ? [] : [.. Revisions.Difference(found[i + 1].Json, one.Json)
                    .Select(change => new WidgetHistory.Change(change.Member, change.Before, change.After))],
                JsonElement.Parse(one.Json)))]));
    }

    private static async Task<Results<Ok<ExperimentView>, Accepted<ExperimentView>, ProblemHttpResult>> RollBack(
        string key, Request request, CurrentUser user, ExperimentEditor editor, CancellationToken ct) =>
        ManageExperiments.Answer(await editor.RollBack(key, request.Version, user.Id, request.Mark, ct), user);
}

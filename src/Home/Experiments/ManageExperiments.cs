using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>Admins write experiments, and change them as far as they may be changed.</summary>
public static class ManageExperiments
{
    private static readonly Problem StateUnknown =
        new(400, "experiment-state-unknown", "A state is `draft`, `running`, `stopped` or `archived`.");

    private static readonly Problem NothingToChange = new(400, "nothing-to-change", "The request names nothing that can be changed.");

    public sealed record CreateRequest : ExperimentRequest
    {
        /// <summary>Kebab-case, for instance `summer-banner`; it seeds the hash, and is never used again.</summary>
        [RegularExpression("[a-z0-9]+(-[a-z0-9]+)*"), Length(1, 64)]
        public required string Key { get; init; }
    }

    public sealed record ChangeRequest : ExperimentRequest
    {
        /// <summary>The version that the admin saw; when it is no longer the latest, nothing is done (409 `experiment-changed`).</summary>
        public long? Version { get; init; }

        /// <summary>That of somebody else's proposal, which this may replace; without it that is 409 `wish-waits`.</summary>
        [MaxLength(64)]
        public string? Mark { get; init; }
    }

    public sealed record Response(IReadOnlyList<ExperimentView> Experiments, string? NextCursor);

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapGet("/experiments", List).WithName("ListExperiments");
        admin.MapGet("/experiments/{key}", One).WithName("GetExperiment");
        admin.MapPost("/experiments", Create).WithName("CreateExperiment");
        admin.MapPatch("/experiments/{key}", Change).WithName("ChangeExperiment");
    }

    /// <summary>202 when what this admin wishes waits for another one.</summary>
    internal static Results<Ok<ExperimentView>, Accepted<ExperimentView>, ProblemHttpResult> Answer(
        Outcome<StoredExperiment> outcome, CurrentUser user)
    {
        var (experiment, problem) = outcome;
        if (problem is not null) return problem.ToResult();
        var view = ExperimentView.Of(experiment!);
        return view.Proposal?.UserId == user.Id ? TypedResults.Accepted(AddressOf(view.Key), view) : TypedResults.Ok(view);
    }

    private static string AddressOf(string key) => $"/api/admin/experiments/{key}";

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> List(
        Database database, string? state, int? limit, string? cursor, CancellationToken ct)
    {
        if (state is not (null or "draft" or "running" or "stopped" or "archived")) return StateUnknown.ToResult();
        var after = cursor is null ? null : Paging.Decode(cursor, 1)?[0];
        if (cursor is not null && after is null) return Paging.CursorInvalid.ToResult();
        var most = Paging.Limit(limit);
        // One more than asked for tells whether there are more.
        var found = await database.Read(tx => StoredExperiments.Page(tx, state, after, most + 1), ct);
        var page = found.Take(most).Select(ExperimentView.Of).ToList();
        return TypedResults.Ok(new Response(page, found.Count > page.Count ? Paging.Encode(page[^1].Key) : null));
    }

    private static async Task<Results<Ok<ExperimentView>, ProblemHttpResult>> One(string key, Database database, CancellationToken ct) =>
        await database.Read(tx => StoredExperiments.Find(tx, key), ct) is { } experiment
            ? TypedResults.Ok(ExperimentView.Of(experiment))
            : StoredExperiments.Unknown.ToResult();

    private static async Task<Results<Created<ExperimentView>, ProblemHttpResult>> Create(
        CreateRequest request, CurrentUser user, ExperimentEditor editor, CancellationToken ct)
    {
        var (experiment, problem) = await editor.Create(request.Key, request, user.Id, ct);
        return problem is null
            ? TypedResults.Created(AddressOf(request.Key), ExperimentView.Of(experiment!))
            : problem.ToResult();
    }

    private static async Task<Results<Ok<ExperimentView>, Accepted<ExperimentView>, ProblemHttpResult>> Change(
        string key, ChangeRequest request, CurrentUser user, ExperimentEditor editor, CancellationToken ct) =>
        request.ChangesNothing
            ? NothingToChange.ToResult()
            : Answer(await editor.Change(key, request, request.Version, user.Id, request.Mark, ct), user);
}

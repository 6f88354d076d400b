using System.Text.Json.Serialization;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Sync.Live;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync.Pull;

/// <summary>
/// A device asks for what changed since its last pull; WatermelonDB's `pullChanges`. The counter and the rows are read in one
/// snapshot, so the answer is complete up to its timestamp and holds nothing of a push in halves.
/// </summary>
public static class PullChanges
{
    public sealed record TableChanges(
        IReadOnlyList<Dictionary<string, object?>> Created,
        IReadOnlyList<Dictionary<string, object?>> Updated,
        IReadOnlyList<string> Deleted);

    /// <param name="Changes">By table.</param>
    /// <param name="Timestamp">The version up to which the device now has everything.</param>
    /// <param name="HasMore">There is another page; only when a `limit` was given.</param>
    /// <param name="ExperimentalStrategy">`replacement` when the device must forget what is not named here; else absent.</param>
    public sealed record Response(
        Dictionary<string, TableChanges> Changes,
        long Timestamp,
        [property: JsonPropertyName("has_more")] bool? HasMore,
        string? ExperimentalStrategy);

    // What a device asks is read by PullQuery.
    internal static void Map(RouteGroupBuilder sync) =>
        sync.MapGet("/pull", Handle).DisableValidation().WithName("PullChanges").Produces<Response>().Add(FirstLook.PutBefore);

    /// <summary>After the first look: there is something new, or the answer may wait for it.</summary>
    private static async Task<Results<PullAnswer, ProblemHttpResult>> Handle(
        [AsParameters] Query asked, CurrentUser user, SyncTables tables, PullReader reader, Listeners listeners,
        CancellationToken ct)
    {
        var (query, problem) = PullQuery.Read(tables, asked.LastPulledAt, asked.SchemaVersion, asked.Migration, asked.Limit, asked.Wait);
        if (problem is not null) return problem.ToResult();
        // What a migration brings is there already.
        if (query!.WaitSeconds > 0 && !query.Migrates)
        {
            await listeners.Wait(user.Id, query.Since, TimeSpan.FromSeconds(query.WaitSeconds), ct);
            if (await reader.IsUpToDate(query, user, ct)) return PullAnswer.Nothing(tables, query);
        }

        return await reader.Changes(query, user, ct);
    }

    internal sealed record Query
    {
        [FromQuery(Name = "last_pulled_at")]
        public string? LastPulledAt { get; init; }

        [FromQuery(Name = "schema_version")]
        public string? SchemaVersion { get; init; }

        [FromQuery(Name = "migration")]
        public string? Migration { get; init; }

        [FromQuery(Name = "limit")]
        public string? Limit { get; init; }

        [FromQuery(Name = "wait")]
        public string? Wait { get; init; }
    }
}

using System.Text.Json.Serialization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Sync.Live;
using Kontor.Sync.Status;
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

    // What a device asks is read by PullQuery; the framework's own look at it would be a tenth of a pull that finds nothing.
    internal static void Map(RouteGroupBuilder sync) =>
        sync.MapGet("/pull", Handle).DisableValidation().WithName("PullChanges").Produces<Response>();

    private static async Task<Results<PullAnswer, ProblemHttpResult>> Handle(
        [AsParameters] Query asked, CurrentUser user, Database database, SyncTables tables, Devices devices, Listeners listeners,
        TimeProvider time, CancellationToken ct)
    {
        var (query, problem) = PullQuery.Read(tables, asked.LastPulledAt, asked.SchemaVersion, asked.Migration, asked.Limit, asked.Wait);
        if (problem is not null) return problem.ToResult();
        if (query!.WaitSeconds > 0) await listeners.Wait(user.Id, query.Since, TimeSpan.FromSeconds(query.WaitSeconds), ct);
        // Most pulls find nothing: they cost this one read.
        var now = time.NowMs();
        var counter = await database.Read(tx => Versions.Read(tx, user.Id).AsTask(), ct);
        if (PullPlan.IsUpToDate(query, counter, now))
        {
            devices.Pulled(user.Id, user.SessionId, query.Since);
            return PullAnswer.Nothing(tables, query.Since, query.Limit is not null);
        }

        var spool = new Spool();
        try
        {
            var timestamp = await Answer(query, spool, user, database, tables, now, ct);
            devices.Pulled(user.Id, user.SessionId, timestamp);
            return new PullAnswer(spool);
        }
        catch
        {
            spool.Dispose();
            throw;
        }
    }

    private static async Task<long> Answer(
        PullQuery query, Spool spool, CurrentUser user, Database database, SyncTables tables, long now, CancellationToken ct)
    {
        using var writer = new ChangesWriter(spool, user.Id);
        var plan = await database.Snapshot(async tx =>
        {
            var made = await PullPlan.Make(tx, tables, query, (user.Id, user.SessionId), now);
            await writer.Write(tx, tables, query, made);
            return made;
        }, ct);
        if (plan.PageStart is { } start)
            await database.Write(tx => Devices.KeepPage(tx, user.Id, user.SessionId, start, plan.UpTo).AsTask(), ct);
        return plan.UpTo;
    }

    internal sealed record Query(
        [property: FromQuery(Name = "last_pulled_at")] string? LastPulledAt,
        [property: FromQuery(Name = "schema_version")] string? SchemaVersion,
        [property: FromQuery(Name = "migration")] string? Migration,
        [property: FromQuery(Name = "limit")] string? Limit,
        [property: FromQuery(Name = "wait")] string? Wait);
}

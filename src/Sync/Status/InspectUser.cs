using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Sync.History;
using Kontor.Sync.Push;
using Kontor.Sync.Quarantine;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync.Status;

/// <summary>
/// An admin looks into one person's sync: how far the devices are, what they disagreed about and could not hand over, how a row was
/// before. A device whose data is doubtful is told to replace it.
/// </summary>
public static class InspectUser
{
    private static readonly Problem Unknown = new(404, "not-found", "This person has never synced anything.");
    private static readonly Problem UnknownDevice = new(404, "not-found", "There is no such device.");

    /// <param name="Conflicts">The newest first; at most 100.</param>
    /// <param name="Quarantine">The rows that were pushed last, first; at most 100.</param>
    public sealed record InspectResponse(
        SyncStatus.UserStatus User, IReadOnlyList<Disagreement> Conflicts, IReadOnlyList<OwnQuarantine.Entry> Quarantine);

    /// <param name="Device">The id of the session that pushed.</param>
    /// <param name="Outcome">`refused`, `merged` or `deleted`.</param>
    public sealed record Disagreement(DateTimeOffset At, string Table, string Id, string Device, string Outcome);

    internal static void Map(RouteGroupBuilder sync)
    {
        var users = sync.MapGroup("/status/{userId}").RequireAuthorization(Policies.Admin);
        users.MapGet("", Handle).WithName("InspectSync");
        users.MapGet("/rows/{table}/{id}/history", ShowRow).WithName("InspectRowHistory");
        users.MapPost("/devices/{device}/replace", HandleReplace).WithName("ReplaceDevice");
    }

    internal static async Task<Outcome<InspectResponse>> Read(
        string userId, Database database, SyncTables tables, TimeProvider time, CancellationToken ct) =>
        await database.Snapshot(async tx =>
        {
            if (await SyncStatus.ReadOne(tx, tables, time.NowMs(), userId) is not { } status) return Unknown;
            var conflicts = await ConflictLog.List(tx, userId);
            return (Outcome<InspectResponse>)new InspectResponse(
                status,
                [.. conflicts.Select(one => new Disagreement(one.At.ToTime(), one.TableName, one.RowId, one.Device, one.Outcome))],
                await OwnQuarantine.Read(tx, userId));
        }, ct);

    /// <summary>With its next pull the device gets everything anew.</summary>
    internal static async Task<Problem?> Replace(
        string userId, string device, Database database, Versions versions, CancellationToken ct) =>
        (await database.Write<Outcome<bool>>(async tx =>
        {
            var isKnown = await tx.First<bool>(
                "SELECT EXISTS (SELECT 1 FROM sync_devices WHERE user_id = @userId AND device = @device)", new { userId, device });
            if (!isKnown) return UnknownDevice;
            await Devices.Replace(tx, versions, userId, device);
            return true;
        }, ct)).Problem;

    private static async Task<Results<Ok<InspectResponse>, ProblemHttpResult>> Handle(
        string userId, Database database, SyncTables tables, TimeProvider time, CancellationToken ct)
    {
        var (found, problem) = await Read(userId, database, tables, time, ct);
        return problem is null ? TypedResults.Ok(found) : problem.ToResult();
    }

    private static async Task<Results<Ok<OwnHistory.HistoryResponse>, ProblemHttpResult>> ShowRow(
        string userId, string table, string id, SyncTables tables, RowHistory history, CancellationToken ct)
    {
        var (found, problem) = await OwnHistory.Read(userId, table, id, tables, history, ct);
        return problem is null ? TypedResults.Ok(found) : problem.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleReplace(
        string userId, string device, Database database, Versions versions, CancellationToken ct) =>
        await Replace(userId, device, database, versions, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();
}

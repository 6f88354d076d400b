using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Sync.Pull;
using Kontor.Sync.Shared;
using Kontor.Sync.Status;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync.Digest;

/// <summary>
/// A device finds out whether it has what the server has, whatever may have happened to either: both count and hash their rows. One
/// that differs gets everything with its next pull, as a replacement of what it has.
/// </summary>
public static class CompareDigest
{
    private static readonly Problem Invalid = new(422, "digest-invalid", "The digest is of a table or a column that is not synced.");

    /// <param name="LastPulledAt">The timestamp of the device's last pull.</param>
    /// <param name="Tables">By name, those that the device has.</param>
    public sealed record CompareRequest(
        [property: Range(1, PullQuery.VersionMax)] long LastPulledAt, Dictionary<string, DeviceTable?> Tables);

    /// <param name="Columns">Without the id, in the order in which the device hashes them.</param>
    /// <param name="Hash">See `docs/sync.md`.</param>
    public sealed record DeviceTable(IReadOnlyList<string> Columns, long Count, string Hash);

    /// <param name="Verdict">
    /// `different` means that the next pull replaces everything; `behind`, that there is something to pull first.
    /// </param>
    /// <param name="Version">The newest on the server.</param>
    /// <param name="Different">The tables that differ.</param>
    public sealed record CompareResponse(Verdict Verdict, long Version, IReadOnlyList<string> Different);

    /// <param name="Version">What the digest is of.</param>
    public sealed record DigestResponse(long Version, IReadOnlyDictionary<string, TableDigest> Tables);

    /// <param name="Columns">Without the id, in the order in which they are hashed.</param>
    public sealed record TableDigest(IReadOnlyList<string> Columns, long Count, string Hash);

    [JsonConverter(typeof(JsonStringEnumConverter<Verdict>))]
    public enum Verdict
    {
        [JsonStringEnumMemberName("same")]
        Same,
        [JsonStringEnumMemberName("different")]
        Different,
        [JsonStringEnumMemberName("behind")]
        Behind,
    }

    internal static void Map(RouteGroupBuilder sync)
    {
        sync.MapGet("/digest", Show).WithName("ShowDigest");
        sync.MapPost("/digest", Handle).WithName("CompareDigest");
    }

    private static async Task<Ok<DigestResponse>> Show(CurrentUser user, Database database, SyncTables tables, CancellationToken ct) =>
        TypedResults.Ok(await database.Snapshot(async tx =>
        {
            var counter = await Versions.Read(tx, user.Id);
            var digests = new Dictionary<string, TableDigest>();
            foreach (var table in tables.Every)
                digests[table.Name] = await Of(tx, user.Id, table, [.. table.Shape.Columns.Select(column => column.Name)]);
            return new DigestResponse(counter.Version, digests);
        }, ct));

    private static async Task<Results<Ok<CompareResponse>, ProblemHttpResult>> Handle(
        CompareRequest request, CurrentUser user, Database database, SyncTables tables, Versions versions, Marks marks,
        CancellationToken ct)
    {
        if (Check(request, tables) is { } problem) return problem.ToResult();
        var answer = await database.Snapshot(tx => Compare(tx, user.Id, request, tables, marks), ct);
        if (answer.Verdict == Verdict.Different)
            await database.Write(tx => Devices.Replace(tx, versions, user.Id, user.SessionId).AsTask(), ct);
        return TypedResults.Ok(answer);
    }

    private static async Task<CompareResponse> Compare(Tx tx, string userId, CompareRequest request, SyncTables tables, Marks marks)
    {
        var counter = await marks.Look(tx, userId, request.LastPulledAt);
        // A device may be ahead, after a backup was restored: then it has what the server lost.
        if (request.LastPulledAt < counter.Version || counter.Known < counter.Shared)
            return new CompareResponse(Verdict.Behind, counter.Version, []);
        var different = new List<string>();
        foreach (var (name, device) in request.Tables)
        {
            var own = await Of(tx, userId, tables.Find(name)!, device!.Columns);
            if (own.Count != device.Count || own.Hash != device.Hash) different.Add(name);
        }

        return new CompareResponse(different.Count > 0 ? Verdict.Different : Verdict.Same, counter.Version, different);
    }

    private static async Task<TableDigest> Of(Tx tx, string userId, SyncedTable table, IReadOnlyList<string> columns)
    {
        var names = table.Shape.Columns.Select(column => column.Name).ToList();
        int[] places = [.. columns.Select(column => names.IndexOf(column))];
        var hash = default(RowsHash);
        await tx.Scan(table.SelectLive, new { userId }, row => hash.Add(table, row, places));
        return new TableDigest(columns, hash.Count, hash.ToString());
    }

    private static Problem? Check(CompareRequest request, SyncTables tables)
    {
        foreach (var (name, device) in request.Tables)
        {
            if (device is null || tables.Find(name) is not { } table) return Invalid.With("table", name);
            var columns = device.Columns.ToHashSet(StringComparer.Ordinal);
            if (columns.Except(table.Shape.Columns.Select(column => column.Name)).ToList() is [var unknown, ..])
                return Invalid.With("table", name).With("column", unknown);
            if (columns.Count < device.Columns.Count) return Invalid.With("table", name).Because("A column is named twice.");
        }

        return null;
    }
}

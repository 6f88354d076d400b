using Kontor.Foundation.Data;
using Kontor.Sync.Shared;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Status;

/// <summary>
/// What devices have not pulled, counted in rows: versions draw near to each other and jump, so their difference is no measure, and those
/// of shared rows say nothing about the time.
/// </summary>
internal sealed class Lags
{
    /// <summary>Of a table: a device that lacks more of it is far behind in any case, and the page lists many devices.</summary>
    public const int RowsMax = 1000;

    private readonly Dictionary<(string UserId, string Device), (long Rows, long? Oldest, bool HasShared)> _byDevice = [];

    private sealed record Found(string UserId, string Device, long Rows, long? Oldest);

    /// <summary>Those of all devices of these people that ever pulled.</summary>
    public static async Task<Lags> Read(Tx tx, SyncTables tables, string[] ids)
    {
        var lags = new Lags();
        foreach (var table in tables.Every)
        {
            foreach (var found in await tx.Query<Found>(Select(table, tx.Dialect), new { ids }))
            {
                if (found.Rows == 0) continue;
                var (rows, oldest, hasShared) = lags.Of(found.UserId, found.Device);
                if (!table.IsShared && (oldest is null || found.Oldest < oldest)) oldest = found.Oldest;
                lags._byDevice[(found.UserId, found.Device)] = (rows + found.Rows, oldest, hasShared || table.IsShared);
            }
        }

        return lags;
    }

    /// <summary>
    /// The rows that a device lacks, deletions too; the oldest version of those that are its owner's; and whether shared ones are among
    /// them.
    /// </summary>
    public (long Rows, long? Oldest, bool HasShared) Of(string userId, string device) => _byDevice.GetValueOrDefault((userId, device));

    /// <summary>What a device pushed last, after its last pull as the client does, it has.</summary>
    internal static string Select(SyncedTable table, Dialect dialect)
    {
        var lacked = table.IsShared
            ? $"""
            FROM {table.Shape.SqlTable} missed
            WHERE missed.version > {Marks.Place("sync_devices.pulled_version", "sync_devices.user_id")}
            """
            : $"""
            FROM {table.Shape.SqlTable} missed
            WHERE missed.user_id = sync_devices.user_id AND missed.version > sync_devices.pulled_version
              AND missed.version <> COALESCE(sync_devices.pushed_version, 0)
            """;
        return $"""
            SELECT sync_devices.user_id, sync_devices.device,
                (SELECT COUNT(*) FROM (SELECT missed.version {lacked} LIMIT {RowsMax}) AS counted) AS rows,
                (SELECT missed.version {lacked} ORDER BY missed.version LIMIT 1) AS oldest
            FROM sync_devices
            WHERE sync_devices.user_id {dialect.In("ids")} AND sync_devices.pulled_version IS NOT NULL
            """;
    }
}

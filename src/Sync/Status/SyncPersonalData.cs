using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Sync.Push;
using Kontor.Sync.Quarantine;

namespace Kontor.Sync.Status;

/// <summary>
/// How far a person's devices are. The rows that they sync belong to the products. A device that comes back is signed out before it is
/// asked what it has, so nothing needs to be remembered for it.
/// </summary>
internal sealed class SyncPersonalData(Database database, Devices devices) : IPersonalData
{
    /// <summary>Few enough that other writers do not wait for long.</summary>
    private const int RowsAtOnce = 2000;

    private sealed record Device(
        string Id, long? PulledAt, long? PulledVersion, long? PushedAt, long? PushedVersion, long? PageStart, long? PageEnd,
        long ReplaceBelow);

    private sealed record Mark(long Version, long SharedVersion);

    private sealed record KeptState(
        string TableName, string RowId, long Version, long Until, string Device, bool IsDeleted, string? Content);

    public string Name => "sync";

    public string? Stores => "When each of your devices last synced, what it could not hand over, and how your rows were before.";

    public async Task Export(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        var counter = await database.Read(tx => Versions.Read(tx, person.UserId).AsTask(), ct);
        export.Value("version", counter.Version);
        export.Value("tombstoneFloor", counter.TombstoneFloor);
        await export.List<Device, object>(
            "devices",
            (tx, last) => tx.Query<Device>($"""
                SELECT device AS id, pulled_at, pulled_version, pushed_at, pushed_version, page_start, page_end, replace_below
                FROM sync_devices
                WHERE user_id = @userId AND device > @after
                ORDER BY device
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Id ?? "" }),
            one => new
            {
                one.Id,
                pulledAt = one.PulledAt?.ToTime(),
                one.PulledVersion,
                pushedAt = one.PushedAt?.ToTime(),
                one.PushedVersion,
                one.PageStart,
                one.PageEnd,
                one.ReplaceBelow,
            },
            ct);
        // A version is a moment: these tell when a phone fetched what had changed in the catalogue.
        await export.List<Mark, object>(
            "catalogue",
            (tx, last) => tx.Query<Mark>($"""
                SELECT version, shared_version FROM sync_marks
                WHERE user_id = @userId AND version > @after
                ORDER BY version
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Version ?? 0 }),
            one => new { at = one.Version.ToTime(), one.Version, one.SharedVersion },
            ct);
        // Few enough for one page each.
        export.Value("conflicts", await database.Read(tx => ConflictLog.List(tx, person.UserId).AsTask(), ct));
        await export.List<KeptState, object>(
            "history",
            (tx, last) => tx.Query<KeptState>($"""
                SELECT table_name, row_id, version, until, device, is_deleted, content FROM sync_history
                WHERE user_id = @userId AND (table_name, row_id, version) > (@table, @id, @version)
                ORDER BY table_name, row_id, version
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, table = last?.TableName ?? "", id = last?.RowId ?? "", version = last?.Version ?? 0 }),
            one => one,
            ct);
        export.Value("quarantine", await database.Read(tx => OwnQuarantine.Read(tx, person.UserId), ct));
    }

    public async Task Erase(DataSubject person, CancellationToken ct)
    {
        devices.Forget(person.UserId);
        int erased;
        do
        {
            erased = await database.Write(tx => tx.Execute($"""
                DELETE FROM sync_history
                WHERE user_id = @userId AND (table_name, row_id, version) IN (
                    SELECT table_name, row_id, version FROM sync_history
                    WHERE user_id = @userId
                    LIMIT {RowsAtOnce})
                """, new { userId = person.UserId }).AsTask(), ct);
        }
        while (erased == RowsAtOnce);
        await database.Write(
            async tx =>
            {
                // The counter first: whatever else is written of somebody waits for it, or finds it gone.
                await tx.Execute("DELETE FROM sync_users WHERE user_id = @userId", new { userId = person.UserId });
                await tx.Execute("DELETE FROM sync_conflicts WHERE user_id = @userId", new { userId = person.UserId });
                await tx.Execute("DELETE FROM sync_quarantine WHERE user_id = @userId", new { userId = person.UserId });
                await tx.Execute("DELETE FROM sync_devices WHERE user_id = @userId", new { userId = person.UserId });
                await tx.Execute("DELETE FROM sync_marks WHERE user_id = @userId", new { userId = person.UserId });
            }, ct);
    }
}

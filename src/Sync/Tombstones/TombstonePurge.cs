using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Sync.History;
using Kontor.Sync.Push;
using Kontor.Sync.Quarantine;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Tombstones;

/// <summary>
/// Forgets deletions after 90 days, and remembers up to which version it did: a device that was away longer gets everything
/// again, as a replacement.
/// </summary>
internal sealed class TombstonePurge(Database database, SyncTables tables, TimeProvider time)
{
    public const long KeepMs = 90 * Clock.Day;

    private const int UsersAtOnce = 100;

    public async Task Run(CancellationToken ct)
    {
        // A version is the time at which it was drawn, or a little more.
        var before = time.NowMs() - KeepMs;
        foreach (var table in tables.All)
        {
            List<string> users;
            do
            {
                users = await database.Read(tx => tx.Query<string>($"""
                    SELECT DISTINCT user_id FROM {table.Shape.SqlTable}
                    WHERE is_deleted = true AND version < @before
                    LIMIT {UsersAtOnce}
                    """, new { before }).AsTask(), ct);
                foreach (var userId in users) await database.Write(tx => Purge(tx, userId, before), ct);
            }
            while (users.Count == UsersAtOnce);
        }

        await database.Write(tx => tx.Execute("""
            DELETE FROM sync_devices
            WHERE greatest(COALESCE(pulled_at, 0), COALESCE(pushed_at, 0)) BETWEEN 1 AND @before
            """, new { before }).AsTask(), ct);
        await RowHistory.Forget(database, time.NowMs() - RowHistory.KeepMs, ct);
        await database.Write(tx => tx.Execute(
            "DELETE FROM sync_conflicts WHERE at < @old", new { old = time.NowMs() - ConflictLog.KeepMs }).AsTask(), ct);
        await database.Write(tx => tx.Execute(
            "DELETE FROM sync_quarantine WHERE last_at < @old", new { old = time.NowMs() - QuarantinedRows.KeepMs }).AsTask(), ct);
    }

    private async Task Purge(Tx tx, string userId, long before)
    {
        // Holds off the user's pushes, which may be about to bring one of these rows back.
        await tx.Execute($"SELECT version FROM sync_users WHERE user_id = @userId {tx.Dialect.ForUpdate}", new { userId });
        var floor = 0L;
        foreach (var table in tables.All)
        {
            var purged = await tx.Query<long>($"""
                DELETE FROM {table.Shape.SqlTable}
                WHERE user_id = @userId AND is_deleted = true AND version < @before
                RETURNING version
                """, new { userId, before });
            floor = purged.Append(floor).Max();
        }

        await tx.Execute("""
            UPDATE sync_users SET tombstone_floor = greatest(tombstone_floor, @floor)
            WHERE user_id = @userId
            """, new { userId, floor });
    }
}

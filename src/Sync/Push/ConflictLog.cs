using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Sync.Push;

/// <param name="Outcome">`refused`, `merged` or `deleted`; see <see cref="RowConflict"/>.</param>
/// <param name="Device">The session that pushed.</param>
internal sealed record LoggedConflict(long At, string TableName, string RowId, string Device, string Outcome);

/// <summary>
/// Remembers what devices disagreed about, for whoever looks into it: the newest <see cref="RowsMax"/> of each person, for 30 days, and
/// at most <see cref="RowsAtOnce"/> of one push.
/// </summary>
internal static class ConflictLog
{
    public const int RowsMax = 100;

    public const long KeepMs = 30 * Clock.Day;

    private const int RowsAtOnce = 20;

    public static async ValueTask Add(Tx tx, string userId, string device, IEnumerable<RowConflict> conflicts, long now)
    {
        var rows = conflicts.Take(RowsAtOnce)
            .Select(one => new { userId, now, table = one.Table, id = one.Id, device, outcome = one.Outcome }).ToList();
        if (rows.Count == 0) return;
        await tx.ExecuteEach("""
            INSERT INTO sync_conflicts (user_id, at, table_name, row_id, device, outcome)
            VALUES (@userId, @now, @table, @id, @device, @outcome)
            ON CONFLICT (user_id, at, table_name, row_id) DO NOTHING
            """, rows);
        await tx.Execute($"""
            DELETE FROM sync_conflicts
            WHERE user_id = @userId AND at < (
                SELECT at FROM sync_conflicts
                WHERE user_id = @userId
                ORDER BY at DESC
                LIMIT 1 OFFSET {RowsMax - 1})
            """, new { userId });
    }

    /// <summary>The newest first.</summary>
    public static ValueTask<List<LoggedConflict>> List(Tx tx, string userId) => tx.Query<LoggedConflict>($"""
        SELECT at, table_name, row_id, device, outcome FROM sync_conflicts
        WHERE user_id = @userId
        ORDER BY at DESC, table_name, row_id
        LIMIT {RowsMax}
        """, new { userId });
}

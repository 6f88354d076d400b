using System.Text.Encodings.Web;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Sync.History;
using Kontor.Sync.Push;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Quarantine;

/// <summary>Why a row was not taken.</summary>
public enum QuarantineReason
{
    /// <summary>One of its texts is longer than the server keeps.</summary>
    TextTooLong,

    /// <summary>It names a parent by more characters than an id has.</summary>
    ParentTooLong,
}

/// <summary>A row as it is kept here.</summary>
/// <param name="Device">The session that pushed it last.</param>
/// <param name="Content">JSON of the row's columns, long texts cut.</param>
internal sealed record QuarantinedRow(
    string TableName, string RowId, string Device, string ColumnName, string Reason, string Content, long FirstAt, long LastAt);

/// <summary>
/// Rows that devices hold and the server will not take, so that their owner can see which they are, and why. A device pushes such a row
/// again with each sync; once it is taken, or deleted on the device, it leaves. What is kept is small: the newest
/// <see cref="RowsMax"/> of each person, each text cut, for 30 days after the row was last pushed.
/// </summary>
internal static class QuarantinedRows
{
    public const int RowsMax = 100;

    public const long KeepMs = 30 * Clock.Day;

    /// <summary>Of a text that is kept to recognise the row by.</summary>
    private const int TextMax = 300;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such row in quarantine.");

    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string ToCode(this QuarantineReason reason) => JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());

    /// <summary>In the push's transaction, which holds the person's other pushes off.</summary>
    public static async ValueTask Add(Tx tx, string userId, string device, IReadOnlyList<RejectedRow> rejected, long now)
    {
        if (rejected.Count == 0) return;
        // Those that go at once need not come.
        var rows = rejected.TakeLast(RowsMax).Select(row => new
        {
            userId,
            table = row.Table.Name,
            id = row.Row.Id,
            device,
            column = row.Column,
            reason = row.Reason.ToCode(),
            content = Content(row),
            now,
        }).ToList();
        await tx.ExecuteEach("""
            INSERT INTO sync_quarantine (user_id, table_name, row_id, device, column_name, reason, content, first_at, last_at)
            VALUES (@userId, @table, @id, @device, @column, @reason, @content, @now, @now)
            ON CONFLICT (user_id, table_name, row_id) DO UPDATE SET
                device = excluded.device, column_name = excluded.column_name, reason = excluded.reason, content = excluded.content,
                last_at = excluded.last_at
            """, rows);
        await tx.Execute("""
            DELETE FROM sync_quarantine
            WHERE user_id = @userId AND (table_name, row_id) IN (
                SELECT table_name, row_id FROM sync_quarantine
                WHERE user_id = @userId
                ORDER BY last_at DESC, table_name DESC, row_id DESC
                LIMIT @surplus OFFSET @rows)
            """, new { userId, surplus = RowsMax, rows = RowsMax });
    }

    /// <summary>These rows are taken now, or gone.</summary>
    public static async ValueTask Release(Tx tx, string userId, PushedTable pushed)
    {
        string[] ids = [.. pushed.Rows.Select(row => row.Id), .. pushed.Deleted];
        await tx.Execute($"""
            DELETE FROM sync_quarantine
            WHERE user_id = @userId AND table_name = @table AND row_id {tx.Dialect.In("ids")}
            """, new { userId, table = pushed.Table.Name, ids });
    }

    /// <summary>The rows that were pushed last, first.</summary>
    public static ValueTask<List<QuarantinedRow>> List(Tx tx, string userId) => tx.Query<QuarantinedRow>($"""
        SELECT table_name, row_id, device, column_name, reason, content, first_at, last_at FROM sync_quarantine
        WHERE user_id = @userId
        ORDER BY last_at DESC, table_name DESC, row_id DESC
        LIMIT {RowsMax}
        """, new { userId });

    /// <summary>The owner no longer wants to see it. The device is not told: should it push the row again, the row is back.</summary>
    public static async Task<Problem?> Discard(Database database, string userId, string table, string id, CancellationToken ct)
    {
        var discarded = await database.Write(tx => tx.Execute(
            "DELETE FROM sync_quarantine WHERE user_id = @userId AND table_name = @table AND row_id = @id",
            new { userId, table, id }).AsTask(), ct);
        return discarded == 0 ? Unknown : null;
    }

    private static string Content(RejectedRow rejected)
    {
        var columns = rejected.Table.Shape.Columns;
        var row = rejected.Row;
        return JsonSerializer.Serialize(
            columns.Select((column, i) => (column.Name, Value: row.Values[i], Present: SyncedTable.Has(row.Present, i)))
                .Where(value => value.Present)
                .ToDictionary(value => value.Name, value => Cut(value.Value)),
            Json);
    }

    private static object? Cut(object? value) => value is string text ? Clipped.To(TextMax, text) : value;
}

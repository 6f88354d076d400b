using System.Globalization;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync.History;

/// <summary>
/// A person sees what was changed in their rows within 30 days, on whatever device or page, the last first. That a row was written for the
/// first time is no change.
/// </summary>
public static class RecentChanges
{
    public const string Changed = "changed";
    public const string Deleted = "deleted";
    public const string BroughtBack = "brought-back";

    private const int TitleMax = 80;

    /// <param name="NextCursor">The next page's `cursor`; null at the end.</param>
    public sealed record ChangesResponse(IReadOnlyList<Change> Changes, string? NextCursor);

    /// <param name="Title">
    /// The beginning of its first text after the change, or before it where that is empty or was too long to be kept.
    /// </param>
    /// <param name="Outcome">`changed`, `deleted` or `brought-back`.</param>
    /// <param name="ChangedBy">The id of the session that changed it; null for a page.</param>
    public sealed record Change(string Table, string Id, string Title, string Outcome, DateTimeOffset At, string? ChangedBy);

    private sealed record Stored(
        string TableName, string RowId, long Until, string Device, bool WasDeleted, string? Content, bool? NextIsDeleted,
        string? NextContent);

    private sealed record Now(string Id, bool IsDeleted, string? Title);

    internal static void Map(RouteGroupBuilder sync) => sync.MapGet("/changes", Handle).WithName("ListChanges");

    internal static async Task<Outcome<ChangesResponse>> Read(
        string userId, int? limit, string? cursor, Database database, SyncTables tables, TimeProvider time, CancellationToken ct)
    {
        var (before, table, id) = (long.MaxValue, "", "");
        if (cursor is not null)
        {
            if (Paging.Decode(cursor, 3) is not [var number, var afterTable, var afterId] || !long.TryParse(
                number, NumberStyles.None, CultureInfo.InvariantCulture, out before)) return Paging.CursorInvalid;
            (table, id) = (afterTable, afterId);
        }

        var asked = Paging.Limit(limit);
        var args = new { userId, since = time.NowMs() - RowHistory.KeepMs, before, table, id, limit = asked + 1 };
        return await database.Snapshot(async tx =>
        {
            var stored = await tx.Query<Stored>(Select, args);
            var shown = stored.Take(asked).ToList();
            var rows = await RowsNow(tx, tables, userId, shown);
            return new ChangesResponse(
                [.. shown.Select(one => View(tables, one, rows.GetValueOrDefault((one.TableName, one.RowId))))],
                stored.Count > asked
                    ? Paging.Encode(shown[^1].Until.ToString(CultureInfo.InvariantCulture), shown[^1].TableName, shown[^1].RowId)
                    : null);
        }, ct);
    }

    internal const string Select = """
        SELECT h.table_name, h.row_id, h.until, h.device, h.is_deleted AS was_deleted, h.content, n.is_deleted AS next_is_deleted,
            n.content AS next_content
        FROM sync_history h
        LEFT JOIN sync_history n
            ON n.user_id = h.user_id AND n.table_name = h.table_name AND n.row_id = h.row_id AND n.version = h.until
        WHERE h.user_id = @userId AND h.until > @since AND h.until <= @before
            AND (h.until < @before OR (h.table_name, h.row_id) > (@table, @id))
        ORDER BY h.until DESC, h.table_name, h.row_id
        LIMIT @limit
        """;

    private static async Task<Results<Ok<ChangesResponse>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, CurrentUser user, Database database, SyncTables tables, TimeProvider time, CancellationToken ct)
    {
        var (found, problem) = await Read(user.Id, limit, cursor, database, tables, time, ct);
        return problem is null ? TypedResults.Ok(found) : problem.ToResult();
    }

    /// <summary>What the newest change of a row made of it is the row itself.</summary>
    private static async ValueTask<Dictionary<(string Table, string Id), Now>> RowsNow(
        Tx tx, SyncTables tables, string userId, List<Stored> stored)
    {
        var found = new Dictionary<(string, string), Now>();
        foreach (var rows in stored.Where(one => one.NextIsDeleted is null).GroupBy(one => one.TableName))
        {
            if (tables.Find(rows.Key) is not { } table) continue;
            var now = await tx.Query<Now>($"""
                SELECT id, is_deleted, {HistoryStatements.Title(table.Shape)} AS title FROM {table.Shape.SqlTable}
                WHERE user_id = @userId AND id {tx.Dialect.In("ids")}
                """, new { userId, ids = rows.Select(row => row.RowId).Distinct().ToArray() });
            foreach (var row in now) found[(rows.Key, row.Id)] = row;
        }

        return found;
    }

    private static Change View(SyncTables tables, Stored stored, Now? now)
    {
        var isDeleted = stored.NextIsDeleted ?? now?.IsDeleted == true;
        var first = tables.Find(stored.TableName)?.Shape.Title?.Name;
        var title = stored.NextIsDeleted is null ? now?.Title : Title(first, stored.NextContent);
        if (string.IsNullOrWhiteSpace(title)) title = Title(first, stored.Content);
        return new Change(
            stored.TableName, stored.RowId, Clipped.To(TitleMax, title), isDeleted ? Deleted : stored.WasDeleted ? BroughtBack : Changed,
            stored.Until.ToTime(), stored.Device.Length == 0 ? null : stored.Device);
    }

    /// <param name="first">The table's first column of text; null without one.</param>
    /// <param name="content">The kept columns; null when they were too long.</param>
    private static string Title(string? first, string? content)
    {
        if (content is null || first is null) return "";
        using var columns = JsonDocument.Parse(content);
        return columns.RootElement.TryGetProperty(first, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
    }
}

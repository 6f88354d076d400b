using System.Text.Json;
using Kontor.Foundation.Data;

namespace Kontor.Home.Ranking;

/// <summary>Writes `home_viewers` and `home_rate_counts`.</summary>
internal static class StoredViewers
{
    /// <summary>The first widget of a feed is seen by everybody; with one row for it, all nodes would write one after the other.</summary>
    private const int Shards = 8;

    /// <param name="FirstDay">The same as the last for who had not seen it before.</param>
    public sealed record Seen(string WidgetId, long FirstDay, long LastDay);

    public readonly record struct Counts(long Viewers, long Clickers, long Newcomers)
    {
        public static Counts operator +(Counts one, Counts other) =>
            new(one.Viewers + other.Viewers, one.Clickers + other.Clickers, one.Newcomers + other.Newcomers);
    }

    /// <summary>Those that the visitor had not seen on this day, or a later one.</summary>
    public static ValueTask<List<Seen>> See(Tx tx, string visitor, long day, string[] widgetIds) => tx.Query<Seen>($"""
        INSERT INTO home_viewers (visitor, widget_id, first_day, last_day, click_day)
        SELECT @visitor, r.id, @day, @day, 0
        FROM {tx.Dialect.Rows("rows", "id text")} r
        WHERE true
        ORDER BY r.id
        ON CONFLICT (visitor, widget_id) DO UPDATE
        SET last_day = excluded.last_day
        WHERE home_viewers.last_day < excluded.last_day
        RETURNING widget_id, first_day, last_day
        """, new { visitor, day, rows = JsonSerializer.Serialize(widgetIds.Select(id => new { id })) });

    /// <summary>Those that the visitor had not clicked on this day, which is the latest on which they saw them.</summary>
    public static ValueTask<List<string>> Click(Tx tx, string visitor, long day, string[] widgetIds) => tx.Query<string>($"""
        UPDATE home_viewers
        SET click_day = @day
        WHERE visitor = @visitor AND widget_id {tx.Dialect.In("widgetIds")} AND last_day = @day AND click_day < @day
        RETURNING widget_id
        """, new { visitor, day, widgetIds });

    /// <param name="counts">Sorted, so that two transactions that count the same never wait for each other crosswise.</param>
    public static async Task Add(Tx tx, string segment, SortedDictionary<(long Day, string WidgetId), Counts> counts)
    {
        if (counts.Count == 0) return;
        var rows = counts.Select(one => new
        {
            day = one.Key.Day,
            widget_id = one.Key.WidgetId,
            viewers = one.Value.Viewers,
            clickers = one.Value.Clickers,
            newcomers = one.Value.Newcomers,
        });
        var table = tx.Dialect.Rows(
            "rows", "day bigint", "widget_id text", "viewers bigint", "clickers bigint", "newcomers bigint");
        await tx.Execute($"""
            INSERT INTO home_rate_counts (day, widget_id, segment, shard, viewers, clickers, newcomers)
            SELECT r.day, r.widget_id, @segment, @shard, r.viewers, r.clickers, r.newcomers
            FROM {table} r
            WHERE true
            ORDER BY r.day, r.widget_id
            ON CONFLICT (day, widget_id, segment, shard) DO UPDATE
            SET viewers = home_rate_counts.viewers + excluded.viewers,
                clickers = home_rate_counts.clickers + excluded.clickers,
                newcomers = home_rate_counts.newcomers + excluded.newcomers
            """, new { rows = JsonSerializer.Serialize(rows), segment, shard = (long)Random.Shared.Next(Shards) });
    }

    /// <summary>Forgets who saw nothing since a day; some at a time.</summary>
    public static ValueTask<int> Tidy(Tx tx, long before, int limit) => tx.Execute($"""
        DELETE FROM home_viewers
        WHERE (visitor, widget_id) IN (
            SELECT visitor, widget_id FROM home_viewers WHERE last_day < @before ORDER BY last_day LIMIT {limit})
        """, new { before });

    public static ValueTask<int> TidyCounts(Tx tx, long before) =>
        tx.Execute("DELETE FROM home_rate_counts WHERE day < @before", new { before });
}

using Kontor.Foundation.Data;

namespace Kontor.Home.Ranking;

/// <summary>
/// Reads how many of which segment saw and clicked which widget. Days that are over, so all nodes read the same, and a feed does not change
/// while people click.
/// </summary>
internal static class StoredRates
{
    private const int RowsMax = 10_000;

    private sealed record Row(string WidgetId, string Segment, long Viewers, long Clickers, long Newcomers, long Busiest);

    /// <param name="tx">Reads.</param>
    /// <param name="since">The first day that counts, since 1970.</param>
    /// <param name="today">The first that does not.</param>
    public static async Task<Dictionary<(string WidgetId, string Segment), Counter>> Read(Tx tx, long since, long today)
    {
        // Most seen first: should there ever be more than the limit, then rates that hardly anybody would have believed are left out.
        var rows = await tx.Query<Row>($"""
            SELECT widget_id, segment, CAST(SUM(viewers) AS BIGINT) AS viewers, CAST(SUM(clickers) AS BIGINT) AS clickers,
                   CAST(SUM(newcomers) AS BIGINT) AS newcomers, CAST(MAX(viewers) AS BIGINT) AS busiest
            FROM (
                SELECT widget_id, segment, SUM(viewers) AS viewers, SUM(clickers) AS clickers, SUM(newcomers) AS newcomers
                FROM home_rate_counts
                WHERE day >= @since AND day < @today
                GROUP BY day, widget_id, segment) days
            GROUP BY widget_id, segment
            ORDER BY 3 DESC, widget_id, segment
            LIMIT {RowsMax}
            """, new { since, today });
        var counters = new Dictionary<(string WidgetId, string Segment), Counter>();
        foreach (var row in rows)
        {
            // So many different ones there were at least, each of whom may have come on many days.
            var counter = new Counter(row.Viewers, row.Clickers, Math.Max(row.Newcomers, row.Busiest));
            counters[(row.WidgetId, row.Segment)] = counter;
            var all = (row.WidgetId, ClickRates.All);
            counters[all] = counters.GetValueOrDefault(all) + counter;
        }

        return counters;
    }
}

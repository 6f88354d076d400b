using Kontor.Foundation.Data;
using Kontor.Home.Insight;

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
        foreach (var widget in rows.GroupBy(row => row.WidgetId))
        {
            foreach (var row in widget)
                counters[(widget.Key, row.Segment)] = new(row.Viewers, row.Clickers, Persons([row]));

            // Whoever signs in was often a stranger before, and nobody knows which: only those of one kind are known to be different ones.
            counters[(widget.Key, ClickRates.All)] = new(
                widget.Sum(row => row.Viewers), widget.Sum(row => row.Clickers),
                widget.GroupBy(row => row.Segment == Visitor.Stranger, (_, kind) => Persons([.. kind])).Max());
        }

        return counters;
    }

    /// <summary>
    /// So many different ones there were at least, each of whom may have come on many days; and an account as a customer on one, and as
    /// something else on another.
    /// </summary>
    private static long Persons(IReadOnlyList<Row> rows) => Math.Max(rows.Sum(row => row.Newcomers), rows.Max(row => row.Busiest));
}

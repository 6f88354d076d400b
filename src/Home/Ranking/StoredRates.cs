using Kontor.Foundation.Data;
using Kontor.Foundation.Security;

namespace Kontor.Home.Ranking;

/// <summary>
/// Reads how often which segment saw and clicked which widget. Days that are over, so all nodes read the same, and a feed does not change
/// while people click; without administrators, who look at what they write.
/// </summary>
internal static class StoredRates
{
    private const int RowsMax = 10_000;

    private sealed record Row(string WidgetId, string Segment, long Impressions, long Clicks);

    /// <param name="tx">Reads.</param>
    /// <param name="since">The first day that counts, since 1970.</param>
    /// <param name="today">The first that does not.</param>
    public static async Task<Dictionary<(string WidgetId, string Segment), Counter>> Read(Tx tx, long since, long today)
    {
        // Most seen first: should there ever be more than the limit, then rates that hardly anybody would have believed are left out.
        var rows = await tx.Query<Row>($"""
            SELECT widget_id, segment, CAST(SUM(impressions) AS BIGINT) AS impressions, CAST(SUM(clicks) AS BIGINT) AS clicks
            FROM home_event_counts
            WHERE experiment = '' AND day >= @since AND day < @today AND segment <> '{RoleNames.Admin}'
            GROUP BY widget_id, segment
            ORDER BY 3 DESC, widget_id, segment
            LIMIT {RowsMax}
            """, new { since, today });
        var counters = new Dictionary<(string WidgetId, string Segment), Counter>();
        foreach (var row in rows)
        {
            var counter = new Counter(row.Impressions, row.Clicks);
            counters[(row.WidgetId, row.Segment)] = counter;
            var all = (row.WidgetId, ClickRates.All);
            counters[all] = counters.GetValueOrDefault(all) + counter;
        }

        return counters;
    }
}

using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Home.Insight;

/// <summary>How often widgets were seen, clicked and dismissed: by day, widget, position, kind of reader, experiment.</summary>
internal static class EventCounts
{
    /// <summary>Positions from here on are counted as this one.</summary>
    public const int PositionMax = 50;

    public const int PositionUnknown = -1;

    /// <summary>
    /// The first widget of a feed is part of nearly every batch; with one row for it, all nodes would write one after the other.
    /// </summary>
    private const int Shards = 8;

    /// <summary>
    /// Counts events that nobody has counted. For an experiment that concerned the visitor an <see cref="IFeedEventReader"/> counts them
    /// once more, with its key and bucket version, as <see cref="Experiments.Experiment.StickyKey"/> names them, and the visitor's
    /// variation.
    /// </summary>
    /// <param name="experiment">Empty for the count of everything, which is there already when a reader is called.</param>
    public static async Task Add(Tx tx, Visitor visitor, IReadOnlyList<FeedEvent> events, string experiment = "", long variation = 0)
    {
        if (events.Count == 0) return;
        var rows = events
            .GroupBy(one => (Day: one.At / Clock.Day, one.WidgetId, Position: Math.Min(one.Position ?? PositionUnknown, PositionMax)))
            .Select(group => new
            {
                experiment,
                day = group.Key.Day,
                widget_id = group.Key.WidgetId,
                position = group.Key.Position,
                segment = visitor.Segment,
                variation,
                impressions = group.Count(one => one.Kind == FeedEventKind.Impression),
                clicks = group.Count(one => one.Kind == FeedEventKind.Click),
                dismissals = group.Count(one => one.Kind == FeedEventKind.Dismiss),
            });
        var table = tx.Dialect.Rows(
            "rows", "experiment text", "day bigint", "widget_id text", "position bigint", "segment text", "variation bigint",
            "impressions bigint", "clicks bigint", "dismissals bigint");
        // In the order of the key, so that two transactions that count the same never wait for each other crosswise.
        await tx.Execute($"""
            INSERT INTO home_event_counts
                (experiment, day, widget_id, position, segment, variation, shard, impressions, clicks, dismissals)
            SELECT r.experiment, r.day, r.widget_id, r.position, r.segment, r.variation, @shard, r.impressions, r.clicks, r.dismissals
            FROM {table} r
            WHERE true
            ORDER BY r.experiment, r.day, r.widget_id, r.position, r.segment, r.variation
            ON CONFLICT (experiment, day, widget_id, position, segment, variation, shard) DO UPDATE
            SET impressions = home_event_counts.impressions + excluded.impressions,
                clicks = home_event_counts.clicks + excluded.clicks,
                dismissals = home_event_counts.dismissals + excluded.dismissals
            """, new { rows = JsonSerializer.Serialize(rows), shard = (long)Random.Shared.Next(Shards) });
    }
}

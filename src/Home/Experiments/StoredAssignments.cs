using Kontor.Foundation.Data;

namespace Kontor.Home.Experiments;

/// <summary>Which variation somebody saw first, and what they did since: one row for each unit, experiment and bucket version.</summary>
internal static class StoredAssignments
{
    /// <summary>Raised with a unit whose assignments have changed: every node reads them again.</summary>
    public const string Signal = "home.assigned";

    /// <summary>Of one unit; more than there can be live experiments, with some older bucket versions.</summary>
    private const int OfUnitMax = 1000;

    private const string Columns =
        "attribute, unit, experiment, bucket_version, variation, exposed_at, clicks, dismissals, feed_clicks, goal_at, is_counted";

    /// <param name="Attribute">`id` or `deviceId`.</param>
    /// <param name="Unit">The account's id, or the hash of the device's.</param>
    /// <param name="IsCounted">Not for a device whose user has signed in: the person is counted.</param>
    public sealed record Row(
        string Attribute, string Unit, string Experiment, long BucketVersion, string Variation, long ExposedAt, long Clicks,
        long Dismissals, long FeedClicks, long? GoalAt, bool IsCounted)
    {
        public string StickyKey => $"{Experiment}__{BucketVersion}";
    }

    /// <param name="device">The hash of the device's id.</param>
    public static ValueTask<List<Row>> Of(Tx tx, string? userId, string? device) => tx.Query<Row>($"""
        SELECT {Columns}
        FROM home_assignments
        WHERE attribute = 'id' AND unit = @userId
        UNION ALL
        SELECT {Columns}
        FROM home_assignments
        WHERE attribute = 'deviceId' AND unit = @device
        LIMIT {OfUnitMax}
        """, new { userId = userId ?? "", device = device ?? "" });

    /// <summary>False when the unit has one already: the first stays.</summary>
    public static async Task<bool> Add(Tx tx, Row row)
    {
        var written = await tx.Execute($"""
            INSERT INTO home_assignments ({Columns})
            VALUES (@Attribute, @Unit, @Experiment, @BucketVersion, @Variation, @ExposedAt, @Clicks, @Dismissals, @FeedClicks, @GoalAt,
                    @IsCounted)
            ON CONFLICT (attribute, unit, experiment, bucket_version) DO NOTHING
            """, row);
        if (written > 0) tx.Signal(Signal, PayloadOf(row.Attribute, row.Unit));
        return written > 0;
    }

    /// <summary>The person who signed in on a device is counted from then on; null when somebody was before.</summary>
    public static ValueTask<Row?> HandOver(Tx tx, Row device) => tx.First<Row>($"""
        UPDATE home_assignments
        SET is_counted = false
        WHERE attribute = @Attribute AND unit = @Unit AND experiment = @Experiment AND bucket_version = @BucketVersion
            AND is_counted = true
        RETURNING {Columns}
        """, device);

    public static ValueTask<int> Count(Tx tx, Row row, long clicks, long dismissals, long feedClicks) => tx.Execute("""
        UPDATE home_assignments
        SET clicks = clicks + @clicks, dismissals = dismissals + @dismissals, feed_clicks = feed_clicks + @feedClicks
        WHERE attribute = @attribute AND unit = @unit AND experiment = @experiment AND bucket_version = @bucketVersion
        """, new
    {
        attribute = row.Attribute,
        unit = row.Unit,
        experiment = row.Experiment,
        bucketVersion = row.BucketVersion,
        clicks,
        dismissals,
        feedClicks,
    });

    public sealed record Seen(string Key, string Design);

    /// <summary>The experiments that ran at a moment, that the person had seen by then, and whose goal they have not reached.</summary>
    public static ValueTask<List<Seen>> SeenBy(Tx tx, string userId, long at) => tx.Query<Seen>($"""
        SELECT e.key, e.design
        FROM home_assignments a
        JOIN home_experiments e ON e.key = a.experiment
        WHERE a.attribute = 'id' AND a.unit = @userId AND a.goal_at IS NULL AND a.exposed_at <= @at
            AND e.started_at <= @at AND (e.stopped_at IS NULL OR e.stopped_at > @at)
        LIMIT {OfUnitMax}
        """, new { userId, at });

    /// <summary>The first time that a person reached an experiment's goal after they saw it.</summary>
    public static ValueTask<int> Reach(Tx tx, string userId, string[] experiments, long at) => tx.Execute($"""
        UPDATE home_assignments
        SET goal_at = @at
        WHERE attribute = 'id' AND unit = @userId AND experiment {tx.Dialect.In("experiments")} AND goal_at IS NULL AND exposed_at <= @at
        """, new { userId, experiments, at });

    /// <summary>What those who are counted did, by variation.</summary>
    /// <param name="Converted">Units that reached the goal.</param>
    /// <param name="FeedClicked">Units that clicked anything.</param>
    /// <param name="Dismissed">Units that dismissed one of its widgets.</param>
    public sealed record Sum(
        string Variation, long Units, long Converted, long FeedClicked, long Dismissed, long Clicks, long FeedClicks, long Dismissals);

    /// <param name="byEvent">The goal is an event, and not a click.</param>
    public static ValueTask<List<Sum>> Sums(Tx tx, string experiment, long bucketVersion, bool byEvent) => tx.Query<Sum>("""
        SELECT variation, COUNT(*) AS units,
               CAST(SUM(CASE WHEN (@byEvent AND goal_at IS NOT NULL) OR (NOT @byEvent AND clicks > 0) THEN 1 ELSE 0 END) AS BIGINT)
                   AS converted,
               CAST(SUM(CASE WHEN feed_clicks > 0 THEN 1 ELSE 0 END) AS BIGINT) AS feed_clicked,
               CAST(SUM(CASE WHEN dismissals > 0 THEN 1 ELSE 0 END) AS BIGINT) AS dismissed,
               CAST(SUM(clicks) AS BIGINT) AS clicks, CAST(SUM(feed_clicks) AS BIGINT) AS feed_clicks,
               CAST(SUM(dismissals) AS BIGINT) AS dismissals
        FROM home_assignments
        WHERE experiment = @experiment AND bucket_version = @bucketVersion AND is_counted = true
        GROUP BY variation
        LIMIT 100
        """, new { experiment, bucketVersion, byEvent });

    /// <summary>Forgets whom experiments were shown to that were archived before a moment; some at a time.</summary>
    public static ValueTask<int> Tidy(Tx tx, long before) => tx.Execute("""
        DELETE FROM home_assignments
        WHERE (attribute, unit, experiment, bucket_version) IN (
            SELECT a.attribute, a.unit, a.experiment, a.bucket_version
            FROM home_experiments e
            JOIN home_assignments a ON a.experiment = e.key
            WHERE e.state = 'archived' AND e.archived_at < @before
            LIMIT 5000)
        """, new { before });

    public static string PayloadOf(string attribute, string unit) => $"{attribute}:{unit}";
}

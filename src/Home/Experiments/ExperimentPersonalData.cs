using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;

namespace Kontor.Home.Experiments;

/// <summary>
/// Which variations a person saw, and which experiments an admin changed. What is stored of a device leads back to nobody, and so is no
/// part of it.
/// </summary>
internal sealed class ExperimentPersonalData : IPersonalPart
{
    private sealed record Change(string Experiment, long Version, long At);

    private sealed record Wish(string Key, string Proposal);

    private sealed record Seen(
        string Experiment, long BucketVersion, string Variation, long ExposedAt, long Clicks, long Dismissals, long FeedClicks,
        long? GoalAt);

    public async Task Export(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        await export.List<Seen, object>(
            "experiments",
            (tx, last) => tx.Query<Seen>($"""
                SELECT experiment, bucket_version, variation, exposed_at, clicks, dismissals, feed_clicks, goal_at FROM home_assignments
                WHERE attribute = 'id' AND unit = @userId AND (experiment, bucket_version) > (@experiment, @version)
                ORDER BY experiment, bucket_version
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, experiment = last?.Experiment ?? "", version = last?.BucketVersion ?? 0 }),
            one => new
            {
                one.Experiment,
                one.Variation,
                seenAt = one.ExposedAt.ToTime(),
                one.Clicks,
                one.Dismissals,
                one.FeedClicks,
                goalAt = one.GoalAt?.ToTime(),
            },
            ct);
        await export.List<Change, object>(
            "experimentChanges",
            (tx, last) => tx.Query<Change>($"""
                SELECT experiment, version, at FROM home_experiment_revisions
                WHERE user_id = @userId AND (experiment, version) > (@experiment, @version)
                ORDER BY experiment, version
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, experiment = last?.Experiment ?? "", version = last?.Version ?? 0 }),
            one => new { one.Experiment, one.Version, at = one.At.ToTime() },
            ct);
        await export.List<Wish, object>(
            "experimentProposals",
            (tx, last) => tx.Query<Wish>($"""
                SELECT key, proposal FROM home_experiments
                WHERE proposer_id = @userId AND key > @after
                ORDER BY key
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Key ?? "" }),
            one => new { one.Key, one.Proposal },
            ct);
    }

    public async Task Erase(Tx tx, DataSubject person)
    {
        var args = new { userId = person.UserId };
        await tx.Execute("DELETE FROM home_assignments WHERE attribute = 'id' AND unit = @userId", args);
        // What was changed stays, as the shop's own; only by whom is forgotten.
        await tx.Execute("UPDATE home_experiment_revisions SET user_id = NULL WHERE user_id = @userId", args);
        await tx.Execute("UPDATE home_experiments SET proposer_id = '' WHERE proposer_id = @userId", args);
    }
}

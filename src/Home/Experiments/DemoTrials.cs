using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Configuration;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>
/// In a demo, what devices that are made up saw and clicked in the 14 days before, so that experiments have results. The same experiments
/// give the same ones. Runs once, when the experiments of the demo are there.
/// </summary>
internal sealed class DemoTrials(Database database, IConfiguration configuration, TimeProvider time) : IWarmUp
{
    private const int Days = 14;
    private const int DevicesOfEach = 12_000;

    public async Task WarmUp(CancellationToken ct)
    {
        if (!configuration.GetValue<bool>("Demo")) return;
        // Two nodes that start at once would otherwise both find nothing.
        await database.Exclusively(Seed, ct);
    }

    private async Task Seed(Tx tx)
    {
        if (await tx.First<bool>("SELECT EXISTS (SELECT 1 FROM home_assignments)")) return;
        var running = (await StoredExperiments.Live(tx)).Where(one => one.State == ExperimentState.Running).ToList();
        var rows = JsonSerializer.Serialize(running.SelectMany(RowsOf));
        await tx.Execute($"""
            INSERT INTO home_assignments
                (attribute, unit, experiment, bucket_version, variation, exposed_at, clicks, dismissals, feed_clicks)
            SELECT r.attribute, r.unit, r.experiment, r.bucket_version, r.variation, r.exposed_at, r.clicks, r.dismissals, r.feed_clicks
            FROM {tx.Dialect.Rows("rows", "attribute text", "unit text", "experiment text", "bucket_version bigint", "variation text",
                "exposed_at bigint", "clicks bigint", "dismissals bigint", "feed_clicks bigint")} r
            """, new { rows });
        foreach (var one in running)
        {
            await tx.Execute(
                "UPDATE home_experiments SET started_at = started_at - @before WHERE key = @key",
                new { key = one.Key, before = Days * Clock.Day });
        }
    }

    /// <summary>Each device is drawn as a real one is.</summary>
    private IEnumerable<object> RowsOf(StoredExperiment experiment)
    {
        var (design, now) = (experiment.Design, time.NowMs());
        var drawn = Compiled.Of(experiment) with { Prerequisites = [] };
        for (var i = 0; i < DevicesOfEach; i++)
        {
            var device = $"demo-device-{i}";
            var given = Assignment.Draw(drawn, new(default) { Units = _ => device, Answers = _ => true });
            if (!given.HashUsed) continue;
            var chance = new Random(Seed32($"{experiment.Key}/{i}"));
            // The control is clicked by one in 17; what the others are worth differs from experiment to experiment.
            var worth = new Random(Seed32($"{experiment.Key}/{given.Variation}")).NextDouble();
            var rate = 0.06 * (given.Variation == 0 ? 1 : 0.85 + (0.75 * worth));
            var clicks = chance.NextDouble() < rate ? 1 + chance.Next(2) : 0;
            yield return new
            {
                attribute = Subject.Device,
                unit = Devices.Hash(device),
                experiment = experiment.Key,
                bucket_version = design.BucketVersion,
                variation = design.Variations[given.Variation].Key,
                exposed_at = now - chance.NextInt64(Days * Clock.Day),
                clicks,
                dismissals = chance.NextDouble() < 0.01 ? 1 : 0,
                feed_clicks = clicks + (chance.NextDouble() < 0.2 ? 1 : 0),
            };
        }
    }

    /// <summary>Always the same for the same text: FNV-1a.</summary>
    private static int Seed32(string text)
    {
        var hash = 2166136261u;
        foreach (var letter in text) hash = (hash ^ letter) * 16777619u;
        return (int)(hash & 0x7fffffff);
    }
}

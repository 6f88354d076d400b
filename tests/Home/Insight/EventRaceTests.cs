using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Insight;

/// <summary>The same, or for the same widgets, at the same moment.</summary>
public class EventRaceTests(HomeApp app) : IClassFixture<HomeApp>
{
    private const int Rounds = 12;

    [Fact]
    public async Task What_is_sent_many_times_at_once_counts_once()
    {
        var widget = await Widget("racing");
        var ids = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid().ToString()).ToArray();
        await using var other = TestDatabase.IsPostgres ? await app.AnotherNode() : null;
        var random = new Random(1);

        var counted = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(async () =>
        {
            using var client = ((HomeApp?)(i % 2 == 0 ? null : other) ?? app).Anonymous;
            int[] order;
            lock (random) order = [.. Enumerable.Range(0, ids.Length).OrderBy(_ => random.Next())];
            return await client.Tell([.. order.Select(one => app.Event(widget, id: ids[one]))]);
        })));

        counted.Sum().ShouldBe(ids.Length);
        (await app.Counts(widget)).ShouldBe((ids.Length, 0, 0));
    }

    [Fact]
    public async Task Many_persons_in_any_order_wait_for_each_other_and_never_for_ever()
    {
        var widgets = new List<string>();
        for (var i = 0; i < 6; i++) widgets.Add(await Widget($"crossing-{i}"));
        await using var other = TestDatabase.IsPostgres ? await app.AnotherNode() : null;

        var counted = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(async () =>
        {
            using var client = ((HomeApp?)(i % 2 == 0 ? null : other) ?? app).As($"person-{i}", "customer");
            var sum = 0;
            for (var round = 0; round < Rounds; round++)
            {
                // Half of them from the first to the last, half the other way.
                var mixed = i % 4 < 2 ? widgets : Enumerable.Reverse(widgets);
                sum += await client.Tell([.. mixed.Select(widget => app.Event(widget, position: 0))]);
            }

            return sum;
        })));

        counted.Sum().ShouldBe(40 * Rounds * widgets.Count);
        foreach (var widget in widgets) (await app.Counts(widget)).ShouldBe((40 * Rounds, 0, 0));
        // They would be run again, and so not seen, but each costs everybody a second.
        if (TestDatabase.IsPostgres) (await Deadlocks()).ShouldBe(0);
    }

    /// <summary>What this database counted; its connections tell within a second of their last work.</summary>
    private async Task<long> Deadlocks()
    {
        await Task.Delay(2500);
        return await app.Database.Read(tx => tx.First<long>(
            "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").AsTask());
    }

    private async Task<string> Widget(string key) => (await app.GivenText(key))["id"]!.GetValue<string>();
}

using System.Diagnostics;
using Kontor.Foundation;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Sync.Tests;

/// <summary>Everybody hears of rows that everybody has, one after the other within five seconds.</summary>
public class SharedLiveTests(CatalogueApp app) : IClassFixture<CatalogueApp>
{
    [Fact]
    public async Task A_change_of_shared_rows_is_heard_by_everybody()
    {
        var devices = await GivenDevices(3);
        var lives = await Task.WhenAll(devices.Select(device => Live.Open(device)));
        var id = Ids.New();

        await app.Share("new", id);

        foreach (var (device, live) in devices.Zip(lives))
        {
            using (live) (await live.Next()).ShouldBe(device.LastPulledAt!.Value);
            (await device.PullAndApply()).Ids("things").ShouldBe([id]);
        }
    }

    [Fact]
    public async Task It_is_heard_on_another_node_too()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "Several nodes need PostgreSQL: set KONTOR_TEST_DATABASE.");
        await using var other = await app.AnotherNode();
        var device = (await GivenDevices(1))[0];
        using var http = new HttpClient { BaseAddress = other.Address };
        http.DefaultRequestHeaders.Authorization = device.Http.DefaultRequestHeaders.Authorization;
        using var live = await Live.Open(new Device(http));

        await app.Share("new", Ids.New());

        (await live.Next()).ShouldBe(device.LastPulledAt!.Value);
    }

    [Theory]
    [InlineData(25)]
    [InlineData(4)]
    public async Task A_pull_that_waits_brings_it_also_when_its_time_ends_before_its_turn(int seconds)
    {
        // So many that somebody's turn comes late.
        var devices = await GivenDevices(12);
        var waiting = devices.Select(device => device.Pull(device.LastPulledAt, $"&wait={seconds}")).ToList();
        await Task.Delay(300);
        waiting.ShouldAllBe(pull => !pull.IsCompleted);
        var id = Ids.New();

        await app.Share("new", id);

        foreach (var pull in waiting) (await pull.WaitAsync(TimeSpan.FromSeconds(20))).Ids("things").ShouldBe([id]);
    }

    [Fact]
    public async Task Whoever_was_away_hears_of_what_was_missed_and_nobody_else()
    {
        var devices = await GivenDevices(2);
        var (away, here) = (devices[0], devices[1]);
        var known = away.LastPulledAt!.Value;
        await app.Share("new", Ids.New());
        await here.PullAndApply();

        using var back = await Live.Open(away, $"?last_pulled_at={known}");
        using var quiet = await Live.Open(here, $"?last_pulled_at={here.LastPulledAt}");

        (await back.Next()).ShouldBe(known);
        here.Set("tasks", "own", Changes.Task("own"));
        await here.Synchronize();
        (await quiet.Next()).ShouldBeGreaterThan(here.LastPulledAt!.Value);
    }

    /// <summary>
    /// Everybody's pull at the same moment would be a storm; and a catalogue that changes again and again must not make it one. A busy
    /// machine may bring together what was told apart, so it has several tries.
    /// </summary>
    [Fact]
    public async Task They_are_told_one_after_the_other_however_often_it_changes()
    {
        var spread = TimeSpan.Zero;
        for (var i = 0; i < 5 && spread < TimeSpan.FromSeconds(1); i++)
        {
            var lives = await Task.WhenAll((await GivenDevices(12)).Select(device => Live.Open(device)));
            var since = Stopwatch.GetTimestamp();
            var heard = lives.Select(async live =>
            {
                using (live) await live.Next();
                return Stopwatch.GetElapsedTime(since);
            }).ToList();

            for (var change = 0; change < 3; change++)
            {
                await app.Share("new", Ids.New());
                await Task.Delay(20);
            }

            var times = await Task.WhenAll(heard);
            spread = times.Max() - times.Min();
        }

        spread.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
    }

    /// <summary>Of one person each, and with everything that there is.</summary>
    private async Task<Device[]> GivenDevices(int count)
    {
        await app.Share("there", Ids.New());
        var devices = Enumerable.Range(0, count).Select(_ => app.NewPerson().NewDevice()).ToArray();
        foreach (var device in devices) await device.PullAndApply();
        return devices;
    }
}

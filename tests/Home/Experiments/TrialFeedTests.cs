using System.Text.Json.Nodes;
using Kontor.Home.Feed;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Experiments;

/// <summary>What a running experiment shows to whom.</summary>
public class TrialFeedTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task A_person_sees_the_same_on_all_devices()
    {
        await app.GivenTrial("devices");

        foreach (var person in Enumerable.Range(0, 20).Select(i => $"same-{i}"))
        {
            var seen = await app.As(person, "customer").Variation("devices");
            (await app.As(person, "customer").OnDevice($"{person}-phone").Variation("devices", "?platform=ios")).ShouldBe(seen);
            (await app.As(person, "customer").OnDevice($"{person}-desk").Variation("devices", "?locale=de")).ShouldBe(seen);
        }
    }

    [Fact]
    public async Task Who_takes_no_part_sees_the_control()
    {
        await app.GivenTrial("half", with => with["coverage"] = 0);

        foreach (var client in new[] { app.Anonymous, app.Anonymous.OnDevice("half"), app.As("half", "customer") })
        {
            var feed = await client.Feed();
            Trials.Variation(feed, "half").ShouldBe("control");
            Trials.TakesPart(feed, "half").ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Somebody_without_account_and_device_takes_no_part_and_is_told_so()
    {
        await app.GivenTrial("strangers");

        var feed = await app.Anonymous.Feed();
        Trials.Variation(feed, "strangers").ShouldBe("control");
        Trials.TakesPart(feed, "strangers").ShouldBeFalse();
        Trials.TakesPart(await app.Anonymous.OnDevice("strangers").Feed(), "strangers").ShouldBeTrue();
    }

    [Fact]
    public async Task The_widget_says_of_which_variation_it_is()
    {
        await app.GivenTrial("tracked");
        var person = await app.Somebody("tracked", "bold", "tracked");

        var tracking = (await app.As(person, "customer").Feed()).GetProperty("widgets").EnumerateArray()
            .Single(widget => widget.GetProperty("key").GetString() == "tracked-bold").GetProperty("tracking");

        tracking.GetProperty("experiment").GetString().ShouldBe("tracked");
        tracking.GetProperty("variation").GetString().ShouldBe("bold");
    }

    [Fact]
    public async Task Weights_come_out_right_over_ten_thousand_people()
    {
        await app.GivenTrial("weights", with =>
        {
            with["variations"]!.AsArray().Add(new JsonObject { ["key"] = "third", ["name"] = "Third" });
            with["weights"] = new JsonArray(0.5, 0.3, 0.2);
        });

        var model = app.Services.GetRequiredService<FeedModels>().Current;
        var index = model.Experiments.IndexOf("weights");
        var drawn = Enumerable.Range(0, 10_000)
            .Select(i => new Reader(FeedQuery.Web("en"), new($"seeded-{i}", "", ["customer"])))
            .CountBy(reader => Projection.Of(model, reader, app.Clock.GetUtcNow().ToUnixTimeMilliseconds()).Variations[index])
            .ToDictionary(one => one.Key, one => one.Value);

        drawn.Keys.Order().ShouldBe(['A', 'B', 'C']);
        var chiSquare = new[] { ('A', 5000d), ('B', 3000d), ('C', 2000d) }
            .Sum(one => Math.Pow(drawn[one.Item1] - one.Item2, 2) / one.Item2);
        // 2 degrees of freedom, p = 0.001; the people are always the same, so it holds always or never.
        chiSquare.ShouldBeLessThan(13.8);
    }

    [Fact]
    public async Task More_coverage_moves_nobody()
    {
        await app.GivenTrial("wider", with => with["coverage"] = 0.4);
        var people = Enumerable.Range(0, 60).Select(i => $"wider-{i}").ToList();
        var before = new Dictionary<string, string>();
        foreach (var person in people)
        {
            var feed = await app.As(person, "customer").Feed();
            if (Trials.TakesPart(feed, "wider")) before[person] = Trials.Variation(feed, "wider");
        }

        before.Count.ShouldBeInRange(10, 40);
        await Trials.Ok(await app.Admin.Change("wider", new { coverage = 1 }));

        foreach (var person in people)
        {
            var feed = await app.As(person, "customer").Feed();
            Trials.TakesPart(feed, "wider").ShouldBeTrue();
            if (before.TryGetValue(person, out var seen)) Trials.Variation(feed, "wider").ShouldBe(seen);
        }
    }

    [Fact]
    public async Task Experiments_that_share_a_namespace_never_meet_in_one_person()
    {
        await app.GivenTrial("left", with => with["namespace"] = new JsonObject { ["name"] = "page", ["from"] = 0, ["to"] = 0.5 });
        await app.GivenTrial("right", with => with["namespace"] = new JsonObject { ["name"] = "page", ["from"] = 0.5, ["to"] = 1 });

        var met = new List<(bool, bool)>();
        foreach (var person in Enumerable.Range(0, 40))
        {
            var feed = await app.As($"space-{person}", "customer").Feed();
            met.Add((Trials.TakesPart(feed, "left"), Trials.TakesPart(feed, "right")));
        }

        met.ShouldAllBe(both => both.Item1 != both.Item2);
        met.Count(both => both.Item1).ShouldBeInRange(8, 32);
    }

    [Fact]
    public async Task A_prerequisite_lets_in_who_was_given_that_variation_elsewhere()
    {
        await app.GivenTrial("parent");
        await app.GivenTrial("child", with =>
            with["prerequisites"] = new JsonArray(new JsonObject { ["experiment"] = "parent", ["variations"] = new JsonArray("bold") }));

        foreach (var person in Enumerable.Range(0, 20).Select(i => $"child-{i}"))
        {
            var feed = await app.As(person, "customer").Feed();
            Trials.TakesPart(feed, "child").ShouldBe(Trials.Variation(feed, "parent") == "bold");
        }

        (await Trials.Ok(await app.Admin.Change("child", new { prerequisites = Array.Empty<string>() })))["version"]!
            .GetValue<long>().ShouldBe(3);
        Trials.TakesPart(await app.As("child-0", "customer").Feed(), "child").ShouldBeTrue();
    }

    [Fact]
    public async Task A_holdout_keeps_the_same_people_out_of_all_its_experiments()
    {
        await app.GivenTrial("held-one", with => with["holdouts"] = Holdout(0.4));
        await app.GivenTrial("held-two", with =>
        {
            with["holdouts"] = Holdout(0.4);
            with["namespace"] = new JsonObject { ["name"] = "held", ["from"] = 0, ["to"] = 1 };
        });

        var outside = 0;
        foreach (var person in Enumerable.Range(0, 40))
        {
            var feed = await app.As($"held-{person}", "customer").Feed();
            Trials.TakesPart(feed, "held-one").ShouldBe(Trials.TakesPart(feed, "held-two"));
            if (!Trials.TakesPart(feed, "held-one")) outside++;
        }

        outside.ShouldBeInRange(6, 28);
        // Strangers on devices are held out by their device.
        var devices = 0;
        foreach (var device in Enumerable.Range(0, 20))
            devices += Trials.TakesPart(await app.Anonymous.OnDevice($"held-{device}").Feed(), "held-one") ? 1 : 0;
        devices.ShouldBeInRange(4, 19);

        static JsonArray Holdout(double share) => [new JsonObject { ["name"] = "nobody", ["share"] = share }];
    }

    [Fact]
    public async Task A_condition_decides_who_takes_part_by_the_registered_attributes()
    {
        await app.GivenTrial("phones", with => with["condition"] = new JsonObject { ["platform"] = "ios" });

        Trials.TakesPart(await app.As("phones", "customer").Feed("?platform=ios"), "phones").ShouldBeTrue();
        Trials.TakesPart(await app.As("phones", "customer").Feed("?platform=web"), "phones").ShouldBeFalse();
    }

    [Fact]
    public async Task It_begins_and_ends_when_its_schedule_says()
    {
        var now = app.Clock.GetUtcNow();
        await app.GivenTrial("timed", with => with["schedule"] =
            new JsonObject { ["startsAt"] = now.AddDays(1), ["endsAt"] = now.AddDays(2) });

        Trials.TakesPart(await app.As("timed", "customer").Feed(), "timed").ShouldBeFalse();
        app.Clock.Advance(TimeSpan.FromHours(30));
        Trials.TakesPart(await app.As("timed", "customer").Feed(), "timed").ShouldBeTrue();
        app.Clock.Advance(TimeSpan.FromHours(30));
        Trials.TakesPart(await app.As("timed", "customer").Feed(), "timed").ShouldBeFalse();
    }

    [Fact]
    public async Task The_winner_of_a_stopped_experiment_is_shown_to_all()
    {
        await app.GivenTrial("won", with => with["coverage"] = 0.5);
        await app.Run("won", "stop", new { decision = "bold" });

        foreach (var client in new[] { app.Anonymous, app.As("won-1", "customer"), app.As("won-2", "customer") })
        {
            var feed = await client.Feed();
            Trials.Variation(feed, "won").ShouldBe("bold");
            Trials.TakesPart(feed, "won").ShouldBeFalse();
        }

        await app.Run("won", "stop");
        (await app.Anonymous.Variation("won")).ShouldBe("control");
    }

    [Fact]
    public async Task A_change_reaches_the_feeds_of_another_node()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        await using var other = (HomeApp)await app.AnotherNode();
        await app.GivenTrial("nodes");
        await Feeds.Eventually(async () => (await other.Anonymous.Keys()).Contains("nodes-control"));
        await Feeds.Eventually(async () => Trials.TakesPart(await other.As("nodes-0", "customer").Feed(), "nodes"));

        foreach (var person in Enumerable.Range(0, 20).Select(i => $"nodes-{i}"))
            (await other.As(person, "customer").Variation("nodes")).ShouldBe(await app.As(person, "customer").Variation("nodes"));

        await app.Run("nodes", "stop", new { decision = "bold" });
        await Feeds.Eventually(async () => await other.Anonymous.Variation("nodes") == "bold");
    }

    [Fact]
    public async Task The_page_gives_a_device_a_cookie_only_where_an_experiment_needs_it()
    {
        await using var quiet = new HomeApp();
        await quiet.InitializeAsync();
        (await quiet.Anonymous.GetAsync("/")).Headers.Contains("Set-Cookie").ShouldBeFalse();
        await quiet.GivenTrial("cookie");

        var first = await quiet.Anonymous.GetAsync("/");

        var cookie = first.Headers.GetValues("Set-Cookie").Single(one => one.StartsWith("kontor_visitor=", StringComparison.Ordinal));
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
        using var client = quiet.Anonymous;
        client.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);
        Trials.TakesPart(await client.Feed(), "cookie").ShouldBeTrue();
        (await client.GetAsync("/")).Headers.Contains("Set-Cookie").ShouldBeFalse();
        await quiet.Run("cookie", "stop");
        (await quiet.Anonymous.GetAsync("/")).Headers.Contains("Set-Cookie").ShouldBeFalse();
    }
}

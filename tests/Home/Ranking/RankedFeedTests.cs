using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Home.Tests.Insight;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Ranking;

public class RankedFeedTests : IClassFixture<RankingApp>
{
    private readonly RankingApp _app;

    public RankedFeedTests(RankingApp app)
    {
        _app = app;
        app.NextDay();
    }

    [Fact]
    public async Task A_click_on_a_category_raises_it_for_who_clicked_and_the_explanation_says_so()
    {
        await _app.GivenRanked("click-tents", "click-tents", 120);
        var boots = await _app.GivenRanked("click-boots", "click-boots");
        using var ada = _app.As("click-ada", "customer");
        (await ada.Order("click-")).ShouldBe("tents boots");

        await ada.Click(_app, boots);

        (await ada.Order("click-")).ShouldBe("boots tents");
        (await _app.As("click-bob", "customer").Order("click-")).ShouldBe("tents boots");
        (await _app.Anonymous.Order("click-")).ShouldBe("tents boots");
        (await ada.Term("click-boots", "affinity")).ShouldBe(30);
        (await ada.Term("click-boots", "total")).ShouldBe(160, "100 of priority, 30 of taste, 30 of a usual click rate");
        (await ada.Term("click-tents", "affinity")).ShouldBe(0);
        var told = await _app.Admin.Explained("click-boots", "?userId=click-ada");
        told.GetProperty("score").GetProperty("affinity").GetDouble().ShouldBe(30);
    }

    [Fact]
    public async Task The_same_click_again_on_one_day_says_nothing_new()
    {
        var boots = await _app.GivenRanked("again-boots", "again-boots");
        using var ada = _app.As("again-ada");

        await ada.Click(_app, boots, boots, boots);
        await ada.Click(_app, boots);
        (await ada.Term("again-boots", "affinity")).ShouldBe(30);

        _app.NextDay();
        await ada.Click(_app, boots);
        (await ada.Term("again-boots", "affinity")).ShouldBeGreaterThan(45);
    }

    [Fact]
    public async Task What_was_seen_without_a_click_falls_the_next_day_and_never_under_the_readers_fingers()
    {
        var (first, second) = (await _app.GivenRanked("seen-a", "seen-a", 104), await _app.GivenRanked("seen-b", "seen-b"));
        using var ada = _app.As("seen-ada", "customer");
        var before = await ada.GetAsync("/api/home");

        for (var i = 0; i < 10; i++) await ada.See(_app, first, second, first);
        ada.DefaultRequestHeaders.IfNoneMatch.Add(before.Headers.ETag!);
        (await ada.GetAsync("/api/home")).StatusCode.ShouldBe(HttpStatusCode.NotModified);
        ada.DefaultRequestHeaders.IfNoneMatch.Clear();
        (await ada.Order("seen-")).ShouldBe("a b");

        await ada.Click(_app, second);
        _app.NextDay();
        (await ada.Term("seen-a", "fatigue")).ShouldBe(8, "ten times on one day are one day");
        (await ada.Term("seen-b", "fatigue")).ShouldBe(0);
        (await ada.Order("seen-")).ShouldBe("b a");
        (await _app.As("seen-bob").Order("seen-")).ShouldBe("a b");
    }

    [Fact]
    public async Task What_was_sent_away_stays_away_on_all_devices_and_comes_back_after_a_month()
    {
        var away = await _app.GivenRanked("away-a", "away");
        using var ada = _app.As("away-ada");
        (await ada.Order("away-")).ShouldBe("a");

        await ada.Tell(_app.Event(away, "dismiss"));

        (await _app.As("away-ada").Order("away-", "?platform=ios")).ShouldBeEmpty();
        var explained = await ada.Explained("away-a");
        explained.GetProperty("verdict").GetString().ShouldBe("dismissed");
        explained.GetProperty("position").ValueKind.ShouldBe(JsonValueKind.Null);
        (await _app.As("away-bob").Order("away-")).ShouldBe("a");
        for (var day = 0; day < 30; day++) _app.NextDay();
        (await ada.Order("away-")).ShouldBe("a");
    }

    [Fact]
    public async Task No_team_and_no_category_fills_a_feed()
    {
        for (var i = 0; i < 4; i++) await _app.GivenRanked($"team-{i}", $"team-{i}", 100 - i, "greedy");
        for (var i = 0; i < 3; i++) await _app.GivenRanked($"kind-{i}", "greedy-kind", 100 - i, $"modest-{i}");
        for (var i = 0; i < 4; i++) await _app.GivenRanked($"ours-{i}", "home-kind", 100 - i, "home");

        (await _app.Anonymous.Order("team-")).ShouldBe("0 1 2");
        (await _app.Anonymous.Order("kind-")).ShouldBe("0 1");
        (await _app.Anonymous.Order("ours-")).ShouldBe("0 1 2 3", "whoever edits the page decides that");
        using var ada = _app.As("caps-ada");
        (await ada.Explained("team-3")).GetProperty("verdict").GetString().ShouldBe("team-cap");
        (await ada.Explained("kind-2")).GetProperty("verdict").GetString().ShouldBe("category-cap");
    }

    [Fact]
    public async Task A_widget_has_had_its_chances_after_so_many_visits_a_day()
    {
        var daily = await _app.GivenRanked("daily-a", "daily");
        using var ada = _app.As("daily-ada");

        await ada.See(_app, daily);
        await ada.See(_app, daily);
        (await ada.Order("daily-")).ShouldBe("a", "it is the same visit");
        _app.Clock.Advance(TimeSpan.FromMinutes(31));
        await ada.See(_app, daily);

        (await ada.Order("daily-")).ShouldBeEmpty();
        (await ada.Explained("daily-a")).GetProperty("verdict").GetString().ShouldBe("day-cap");
        (await _app.As("daily-bob").Order("daily-")).ShouldBe("a");
        _app.NextDay();
        (await ada.Order("daily-")).ShouldBe("a");
    }

    [Fact]
    public async Task Neighbours_differ_where_that_costs_little()
    {
        await _app.GivenRanked("next-a", "next-x", 1000, slot: "bottom");
        await _app.GivenRanked("next-b", "next-x", 999, slot: "bottom");
        await _app.GivenRanked("next-c", "next-y", 980, slot: "bottom");

        (await _app.Anonymous.Order("next-")).ShouldBe("a c b");
        (await _app.Admin.Term("next-b", "diversity")).ShouldBe(0);
    }

    [Fact]
    public async Task A_pinned_widget_stands_in_its_place_among_those_that_are_shown()
    {
        await _app.GivenRanked("pin-a", "pin-a", slot: "top");
        await _app.GivenRanked("pin-b", "pin-b", 90, slot: "top");
        await _app.GivenRanked("pin-p", "pin-p", 0, pin: 1, slot: "top");
        await _app.Admin.PatchAsync($"/api/admin/widgets/{await IdOf(TestSource.Yours)}", Json(new
        {
            placement = new { slot = "top" },
        }));
        using var ada = _app.As("pin-ada");
        await Feeds.Eventually(async () => (await ada.Keys()).Contains(TestSource.Yours));
        (await ada.Keys()).Take(4).ShouldBe([TestSource.Yours, "pin-p", "pin-a", "pin-b"]);

        // Nothing to show for this person takes no place.
        _app.Source.Answer = (key, user, _) => user == "pin-empty" ? Task.FromResult<JsonObject?>(null) : TestSource.Says($"{key} {user}");
        (await _app.As("pin-empty").Keys()).Take(3).ShouldBe(["pin-a", "pin-p", "pin-b"]);
    }

    [Fact]
    public async Task A_category_is_chosen_or_is_the_source_or_the_team()
    {
        var id = await _app.GivenRanked("named", "ropes", team: "rescue");
        (await _app.Admin.Explained("named")).GetProperty("score").GetProperty("category").GetString().ShouldBe("ropes");
        // A day has passed: what its source said before is too old.
        await Feeds.Eventually(async () => (await _app.Anonymous.Keys()).Contains(TestSource.News));
        (await _app.Admin.Explained(TestSource.News)).GetProperty("score").GetProperty("category").GetString().ShouldBe("test");

        (await _app.Admin.PatchAsync($"/api/admin/widgets/{id}", Json(new { category = "" }))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _app.Admin.Explained("named")).GetProperty("score").GetProperty("category").GetString().ShouldBe("rescue");
        var wrong = await _app.Admin.PatchAsync($"/api/admin/widgets/{id}", Json(new { category = "<b>" }));
        (wrong.StatusCode, await wrong.Code()).ShouldBe((HttpStatusCode.BadRequest, "validation-failed"));
        // A revision brings its category back.
        (await _app.Admin.PostAsync($"/api/admin/widgets/{id}/rollback", Json(new { version = 1 }))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await _app.Admin.Explained("named")).GetProperty("score").GetProperty("category").GetString().ShouldBe("ropes");
    }

    [Fact]
    public async Task Another_node_knows_of_a_click_and_of_the_switch_at_once()
    {
        if (!TestDatabase.IsPostgres) Assert.Skip("SQLite has one node.");
        await _app.GivenRanked("node-tents", "node-tents", 120);
        var boots = await _app.GivenRanked("node-boots", "node-boots");
        await using var other = (HomeApp)await _app.AnotherNode();
        using var here = _app.As("node-ada", "customer");
        using var there = other.As("node-ada", "customer");
        (await here.Order("node-")).ShouldBe("tents boots");
        (await there.Order("node-")).ShouldBe("tents boots");

        await there.Click(_app, boots);

        (await there.Order("node-")).ShouldBe("boots tents");
        await Feeds.Eventually(async () => await here.Order("node-") == "boots tents");
        await here.Switch(enabled: false);
        (await here.Order("node-")).ShouldBe("tents boots");
        await Feeds.Eventually(async () => await there.Order("node-") == "tents boots");
    }

    [Fact]
    public async Task Events_at_once_lose_nothing()
    {
        var ids = new List<string>();
        for (var i = 0; i < 24; i++) ids.Add(await _app.GivenRanked($"rush-{i}", $"rush-{i}"));

        await Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = 24 }, async (id, _) =>
        {
            using var device = _app.As("rush-ada");
            await device.Tell(_app.Event(id), _app.Event(id, "click"));
        });

        using var ada = _app.As("rush-ada");
        var taste = await ada.Taste();
        taste.GetProperty("likes").GetArrayLength().ShouldBe(24);
        taste.GetProperty("likes").EnumerateArray().ShouldAllBe(like => like.GetProperty("strength").GetDouble() == 0.3);
        taste.GetProperty("widgets").GetArrayLength().ShouldBe(24);
    }

    private async Task<string> IdOf(string key) => (await _app.Database.Read(tx =>
        tx.First<string>("SELECT id FROM home_widgets WHERE key = @key", new { key }).AsTask()))!;

    private static System.Net.Http.Json.JsonContent Json(object body) => System.Net.Http.Json.JsonContent.Create(body);
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Ranking;
using Kontor.Home.Tests.Insight;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Ranking;

/// <summary>With everything as it is by default: something is tried on each person.</summary>
public class SharedOrderTests : IClassFixture<HomeApp>
{
    private const int Widgets = 8;

    private readonly HomeApp _app;

    public SharedOrderTests(HomeApp app)
    {
        _app = app;
        app.NextDay();
    }

    [Fact]
    public async Task A_person_sees_one_order_on_all_devices_all_day_and_others_see_another()
    {
        for (var i = 0; i < Widgets; i++) await _app.GivenRanked($"tried-{i}", $"tried-{i}", 200);
        const string Keys = "0 1 2 3 4 5 6 7";
        using var ada = _app.As("tried-ada", "customer");
        var order = await ada.Order("tried-");

        (await _app.As("tried-ada", "customer").Order("tried-", "?platform=ios&locale=de")).ShouldBe(order);
        (await _app.As("tried-ada").Order("tried-")).ShouldBe(order);
        await _app.Restart();
        (await _app.As("tried-ada", "customer").Order("tried-")).ShouldBe(order, "nothing of it is drawn from chance");
        _app.Clock.Advance(TimeSpan.FromHours(11));
        (await _app.As("tried-ada", "customer").Order("tried-")).ShouldBe(order);
        (await _app.As("tried-bob", "customer").Order("tried-")).ShouldNotBe(order);
        _app.NextDay();
        (await _app.As("tried-ada", "customer").Order("tried-")).ShouldNotBe(order);

        (await _app.Anonymous.Order("tried-")).ShouldBe(Keys, "nothing is tried on strangers");
        using var off = _app.As("tried-off", "customer");
        await off.Switch(enabled: false);
        (await off.Order("tried-")).ShouldBe(Keys);
    }

    [Fact]
    public async Task What_was_arranged_once_is_found_again_until_something_that_decides_has_changed()
    {
        var widget = await _app.GivenRanked("found-a", "found-a");
        var feed = _app.Services.GetRequiredService<HomeFeed>();
        using var ada = _app.As("found-ada", "customer");
        // What an admin has done is read once more when its signal comes, and what has reached its age within a second.
        var strangers = await Order(null);
        await Feeds.Eventually(async () =>
        {
            var earlier = strangers;
            await Task.Delay(1500);
            return ReferenceEquals(earlier, strangers = await Order(null));
        });
        var before = await Order("found-ada");
        (await Order("found-ada")).ShouldBeSameAs(before);
        (await Order(null)).ShouldBeSameAs(strangers);
        (await Order("found-ada", FeedQuery.Web("de"))).ShouldNotBeSameAs(before);
        (await Order("found-ada")).ShouldBeSameAs(before, "two kinds of devices share the memory of one person");

        await ada.See(_app, widget);
        (await Order("found-ada")).ShouldBeSameAs(before, "what is seen today counts tomorrow");
        await ada.Click(_app, widget);
        (await Order("found-ada")).ShouldNotBeSameAs(before);
        (await Order(null)).ShouldBeSameAs(strangers);
        await _app.GivenRanked("found-b", "found-b");
        // A source may answer anew meanwhile, so other widgets may come too.
        (await View("found-ada")).Shown.ShouldContain(one => one.Part.Widget.Widget.Key == "found-b");

        async Task<FeedOrder> Order(string? userId, FeedQuery? query = null) => (await View(userId, query)).Order;

        ValueTask<FeedView> View(string? userId, FeedQuery? query = null) => feed.For(
            query ?? FeedQuery.Web("en"), userId is null ? null : new CurrentUser(userId, "", ["customer"]), 0, CancellationToken.None);
    }

    [Fact]
    public async Task What_a_stranger_does_changes_no_order_for_them_alone()
    {
        await _app.GivenRanked("alone-a", "alone-a", 130);
        var second = await _app.GivenRanked("alone-b", "alone-b", 129);
        using var stranger = _app.Anonymous;
        stranger.DefaultRequestHeaders.Add("X-Device-Id", "0123456789abcdef");

        await stranger.Click(_app, second);

        (await stranger.Order("alone-")).ShouldBe("a b");
        (await _app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM home_tastes WHERE user_id LIKE '%0123456789abcdef%'").AsTask())).ShouldBe(0);
    }

    [Fact]
    public async Task What_many_click_rises_the_next_day_and_a_small_segment_does_not_decide()
    {
        var dull = await _app.GivenRanked("rate-dull", "rate-dull", 130);
        var liked = await _app.GivenRanked("rate-liked", "rate-liked", 100);
        for (var i = 0; i < 60; i++)
        {
            using var customer = _app.As($"rate-{i}", "customer");
            await customer.Tell(_app.Event(dull), _app.Event(liked), _app.Event(liked, i % 3 == 0 ? "click" : "impression"));
        }

        // Of those with another role too few saw it; what administrators click does not count.
        for (var i = 0; i < 49; i++) await _app.As($"rate-pia-{i}", "premium").See(_app, liked);
        await _app.Admin.Tell([.. Enumerable.Range(0, 150).Select(n => _app.Event(dull, n % 2 == 0 ? "click" : "impression"))]);
        await ReadRates();
        (await _app.Anonymous.Order("rate-")).ShouldBe("dull liked", "a feed does not change while people click");

        _app.NextDay();
        await ReadRates();

        (await _app.Anonymous.Order("rate-")).ShouldBe("liked dull");
        (await Segment("premium")).ShouldBe("customer", "is next to it");
        (await _app.As("rate-cleo", "customer").Term("rate-dull", "clickRate")).ShouldBe(13.6, "1500 points for 1 of 110");
        await _app.As("rate-pia", "premium").See(_app, liked);
        _app.NextDay();
        await ReadRates();
        (await Segment("premium")).ShouldBe("premium");
        (await Segment("customer")).ShouldBe("customer");

        Task ReadRates() => _app.Services.GetRequiredService<CurrentRates>().WarmUp(CancellationToken.None);

        async Task<string> Segment(string role) => (await _app.As("rate-pia", role).Explained("rate-liked"))
            .GetProperty("score").GetProperty("segment").GetString()!;
    }

    [Fact]
    public async Task One_account_and_one_network_make_no_rate_however_much_they_send()
    {
        var dull = await _app.GivenRanked("pushed-dull", "pushed-dull", 130);
        var pushed = await _app.GivenRanked("pushed-up", "pushed-up");
        for (var day = 0; day < 3; day++)
        {
            await _app.As("pusher", "customer").Tell(
                [.. Enumerable.Range(0, 120).Select(i => _app.Event(pushed, i % 2 == 0 ? "impression" : "click"))]);
            for (var i = 0; i < 60; i++)
            {
                using var stranger = _app.Anonymous;
                stranger.DefaultRequestHeaders.Add("X-Device-Id", $"made-up-device-{i:0000}");
                await stranger.Tell(_app.Event(pushed), _app.Event(pushed, "click"));
            }

            _app.NextDay();
        }

        await _app.Services.GetRequiredService<CurrentRates>().WarmUp(CancellationToken.None);

        (await _app.As("pushed-ada", "customer").Term("pushed-up", "clickRate")).ShouldBe(30, "nothing but the prior");
        var rates = await _app.Database.Read(tx => StoredRates.Read(tx, 0, long.MaxValue));
        rates[(pushed, "customer")].ShouldBe(new(3, 3, 1));
        rates[(pushed, "anonymous")].Persons.ShouldBeLessThanOrEqualTo(16);
        rates.ShouldNotContainKey((dull, ClickRates.All));
    }

    [Fact]
    public async Task Whoever_was_a_stranger_first_or_gets_another_role_is_one_person_among_everybody()
    {
        var widget = await _app.GivenRanked("twice", "twice");
        for (var i = 0; i < 100; i++)
        {
            using var stranger = _app.Anonymous;
            stranger.DefaultRequestHeaders.Add("X-Device-Id", $"before-signing-in-{i:0000}");
            await stranger.Tell(_app.Event(widget), _app.Event(widget, "click"));
        }

        await Customers(0, 40, "customer");
        _app.NextDay();
        await Customers(0, 40, "premium");
        (await Believed()).ShouldBe((40, false));

        await Customers(40, 10, "customer");
        (await Believed()).ShouldBe((50, true));

        async Task Customers(int from, int count, string role)
        {
            foreach (var i in Enumerable.Range(from, count))
                await _app.As($"twice-{i}", role).Tell(_app.Event(widget), _app.Event(widget, "click"));
        }

        async Task<(long Persons, bool IsBelieved)> Believed()
        {
            _app.NextDay();
            await _app.Services.GetRequiredService<CurrentRates>().WarmUp(CancellationToken.None);
            var rates = await _app.Database.Read(tx => StoredRates.Read(tx, 0, long.MaxValue));
            return (rates[(widget, ClickRates.All)].Persons, await _app.As("twice-reader", "customer").Term("twice", "clickRate") > 30);
        }
    }

    [Fact]
    public async Task Whoever_wants_nothing_personal_leaves_no_trace_in_the_rates()
    {
        var widget = await _app.GivenRanked("traceless", "traceless");
        using var off = _app.As("traceless-off", "customer");
        await off.Switch(enabled: false);

        await off.Tell(_app.Event(widget), _app.Event(widget, "click"));

        (await _app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM home_viewers WHERE visitor = 'traceless-off' OR widget_id = @widget", new { widget }).AsTask()))
            .ShouldBe(0);
    }

    [Fact]
    public async Task Another_node_arranges_the_same()
    {
        if (!TestDatabase.IsPostgres) Assert.Skip("SQLite has one node.");
        for (var i = 0; i < Widgets; i++) await _app.GivenRanked($"node-{i}", $"node-{i}", 200);
        await using var other = (HomeApp)await _app.AnotherNode();

        foreach (var person in new[] { "node-ada", "node-bob", "node-cleo" })
            (await other.As(person, "customer").Order("node-")).ShouldBe(await _app.As(person, "customer").Order("node-"));
    }
}

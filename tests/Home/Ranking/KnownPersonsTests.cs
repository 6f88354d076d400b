using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Insight;
using Kontor.Home.Ranking;
using Kontor.Home.Tests.Insight;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Ranking;

public class SmallMemoryApp : RankingApp
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Configuration["Home:Ranking:MegabytesMax"] = "1";
    }
}

public class KnownPersonsTests : IClassFixture<SmallMemoryApp>
{
    /// <summary>More than one half of a megabyte holds, and less than both.</summary>
    private const int Many = 400;

    private readonly SmallMemoryApp _app;

    public KnownPersonsTests(SmallMemoryApp app)
    {
        _app = app;
        app.NextDay();
    }

    [Fact]
    public async Task However_many_come_the_memory_holds_no_more()
    {
        for (var i = 0; i < 5 * Many; i++) await Come($"bound-{i}");

        _app.Services.GetRequiredService<KnownPersons>().Count.ShouldBeInRange(300, 1200);
    }

    [Fact]
    public async Task Who_comes_back_from_the_older_half_is_known_as_of_today_and_with_what_they_did_meanwhile()
    {
        var (tents, boots) = (await _app.GivenRanked("half-tents", "half-tents", 120), await _app.GivenRanked("half-boots", "half-boots"));
        await _app.Restart();
        using var ada = _app.As("half-ada");
        (await ada.Order("half-")).ShouldBe("tents boots");
        await ada.See(_app, tents);
        for (var i = 0; i < Many; i++) await Come($"half-{i}");
        _app.NextDay();
        (await ada.Term("half-tents", "fatigue")).ShouldBe(8);

        for (var i = 0; i < Many; i++) await Come($"half-{i}");
        await ada.Click(_app, boots);
        (await ada.Order("half-")).ShouldBe("boots tents");
    }

    [Fact]
    public async Task Two_transactions_of_one_person_lose_nothing_to_each_other()
    {
        var ids = new List<string>();
        for (var i = 0; i < 16; i++) ids.Add(await _app.GivenRanked($"both-{i}", $"both-{i}"));
        var learning = _app.Services.GetServices<IFeedEventReader>().OfType<LearnFromEvents>().Single();
        var now = _app.Clock.NowMs();

        await Task.WhenAll(ids.Select(id => _app.Database.Write(tx => learning.Seen(
            tx, new("both-ada", null), [new("id", id, "feed", FeedEventKind.Click, now, null)], now))));

        (await _app.As("both-ada").Taste()).GetProperty("likes").GetArrayLength().ShouldBe(16);
    }

    private async Task Come(string userId) => await _app.Services.GetRequiredService<HomeFeed>().For(
        FeedQuery.Web("en"), new CurrentUser(userId, "", []), 0, CancellationToken.None);
}

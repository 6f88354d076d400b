using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>What a shared feed takes in memory.</summary>
public class SkeletonBytesTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task What_is_let_go_with_the_day_is_no_longer_counted()
    {
        app.Clock.Hold();
        for (var i = 0; i < 10; i++) await app.GivenText($"counted-{i}");
        var feed = app.Services.GetRequiredService<HomeFeed>();
        // Kept, because another may take its place with the next day.
        var model = app.Services.GetRequiredService<FeedModels>().Current;
        var (query, _) = FeedQuery.Parse("ios", "1.0.0", "en", null);

        var first = await Read();
        FeedView last = first;
        for (var day = 0; day < 60; day++)
        {
            app.Clock.Advance(TimeSpan.FromDays(1));
            last = await Read();
        }

        last.Skeleton.ShouldBeSameAs(first.Skeleton);
        last.Skeleton.Bytes.ShouldBeInRange(first.Length, 2 * (first.Length + 4000));

        async Task<FeedView> Read()
        {
            var view = await feed.For(model, query!, user: null, app.Clock.NowMs(), isPerson: true, TestContext.Current.CancellationToken);
            // Its text is made, and kept.
            _ = view.Length;
            return view;
        }
    }
}

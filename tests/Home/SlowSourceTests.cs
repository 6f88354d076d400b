using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests;

public class SlowSourceTests(SlowSourceTests.ImpatientApp app) : IClassFixture<SlowSourceTests.ImpatientApp>
{
    public sealed class ImpatientApp : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:PersonalWaitMs"] = "20";
            builder.Configuration["Home:PullTimeoutMs"] = "1000";
        }
    }

    [Fact]
    public async Task A_feed_is_answered_without_a_slow_first_snapshot_and_has_it_later()
    {
        var mayAnswer = new TaskCompletionSource();
        app.Source.Answer = async (_, user, _) =>
        {
            await mayAnswer.Task;
            return await TestSource.Says($"late for {user}");
        };
        using var ada = app.As("ada");

        // The source does not answer before this has been answered.
        (await ada.Keys()).ShouldBe([TestSource.News]);

        mayAnswer.SetResult();
        await Eventually(async () => await ada.Says(TestSource.Yours) == "late for ada");
    }

    [Fact]
    public async Task A_source_that_never_answers_is_given_up()
    {
        using var end = new CancellationTokenSource();
        app.Source.Answer = async (_, _, ct) =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, end.Token);
            await Task.Delay(Timeout.Infinite, either.Token);
            return new JsonObject();
        };

        (await app.As("bob").Keys()).ShouldBe([TestSource.News]);

        await Eventually(async () => (await app.Admin.GetStringAsync("/api/home/explain?userId=bob"))
            .Contains("it took too long", StringComparison.Ordinal));
        await end.CancelAsync();
    }
}

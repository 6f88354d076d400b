using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Pulled;

/// <summary>However many ask for a feed, a source gets the calls that it declared, and however it fares, feeds are answered.</summary>
[Trait("Speed", "slow")]
public class PullLoadTests(PullingApp app) : IClassFixture<PullingApp>
{
    private const int Burst = 10_000;
    private const int AtOnce = 64;

    [Fact]
    public async Task Ten_thousand_requests_cause_no_more_calls_than_declared()
    {
        await using var source = await OutsideSource.New(app);
        source.Answer = async http =>
        {
            await Task.Delay(300);
            await http.Response.WriteAsJsonAsync(OutsideSource.Snapshots(app.Clock.GetUtcNow().Ticks, "Some."));
        };

        // Cold: nothing has ever been pulled when the crowd comes. It wants to be asked each second, and declares ten calls a minute.
        var began = app.Clock.GetUtcNow();
        await source.Pull(interval: 1, rate: 10);
        await Crowd(Burst);
        AtMost(10, source, began);
        source.Calls.Count.ShouldBeGreaterThan(0);

        // Warm, while minutes pass by the clock.
        for (var i = 0; i < 10; i++)
        {
            var before = source.Calls.Count;
            app.Clock.Advance(TimeSpan.FromSeconds(6));
            await Crowd(Burst / 10);
            await Eventually(() => Task.FromResult(source.Calls.Count > before));
        }

        AtMost(10, source, began);
        source.MostAtOnce.ShouldBe(1);
        (await source.Health()).GetProperty("callsLastMinute").GetInt64().ShouldBeInRange(1, 10);
    }

    public static TheoryData<string> Failures =>
        [
            "down", "slow", "rubbish", "half a json", "huge", "never-ending", "wrong status", "broken off", "silent in the middle",
            "redirect", "bomb", "unasked 304",
        ];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Whatever_a_source_does_feeds_are_answered_and_explain_says_what_they_show(string failure)
    {
        await using var source = await OutsideSource.New(app);
        await source.Pull(interval: 60, rate: 600, timeout: 3000);
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "From outside.");

        source.Answer = http => Fail(failure, http);
        app.Clock.Advance(TimeSpan.FromSeconds(70));
        await Eventually(async () => (await source.Health()).GetProperty("failures").GetInt64() > 0);

        await Crowd(200);
        (await app.Anonymous.Says(source.Widget)).ShouldBe("From outside.");
        var content = await source.Explained();
        content.GetProperty("state").GetString().ShouldBe("stale");
        content.GetProperty("lastFailure").GetString().ShouldNotBeNullOrEmpty();
        content.GetProperty("source").GetProperty("lastFailure").GetString().ShouldBe(content.GetProperty("lastFailure").GetString());

        app.Clock.Advance(TimeSpan.FromSeconds(700));
        await Eventually(async () => await app.Anonymous.Says(source.Widget) == "Fallback.");
        (await source.State()).ShouldBe("fallback");

        source.Says(2, "Back again.");
        await Eventually(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(61));
            return await app.Anonymous.Says(source.Widget) == "Back again."
                && (await source.Health()).GetProperty("failures").GetInt64() == 0;
        });
    }

    [Fact]
    public async Task After_failures_in_a_row_a_source_has_a_pause_that_grows()
    {
        await using var source = await OutsideSource.New(app);
        source.Answer = http => Fail("wrong status", http);
        await source.Pull(interval: 10, rate: 600);
        for (var i = 1; i <= 3; i++)
        {
            await Eventually(async () => (await source.Health()).GetProperty("failures").GetInt64() == i);
            if (i < 3) app.Clock.Advance(TimeSpan.FromSeconds(10));
        }

        (await source.Health()).GetProperty("breaker").GetString().ShouldBe("open");
        await Eventually(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(100);
            return source.Calls.Count >= 6;
        });
        var calls = source.Calls.Select(call => call.At).ToList();
        var pauses = calls.Skip(2).Zip(calls.Skip(3), (before, after) => (after - before).TotalSeconds).ToList();
        // However late a busy machine makes the next call, it is never early; twice as long each time.
        foreach (var (pause, least) in pauses.Zip([10, 20, 40])) pause.ShouldBeGreaterThan(least - 0.1);
        (await app.Anonymous.Says(source.Widget)).ShouldBe("Fallback.");

        source.Says(1, "Well again.");
        await Eventually(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(5));
            return (await source.Health()).GetProperty("breaker").GetString() == "closed";
        });
        (await app.Anonymous.Says(source.Widget)).ShouldBe("Well again.");
    }

    /// <summary>In no minute of the test's clock are there more than declared.</summary>
    private static void AtMost(int perMinute, OutsideSource source, DateTimeOffset began)
    {
        var calls = source.Calls.Select(call => call.At).Order().ToList();
        calls.ShouldAllBe(at => at >= began);
        foreach (var at in calls)
        {
            // A call is counted when it is claimed and arrives a moment later; a busy machine takes its time.
            calls.Count(other => other >= at && other < at.AddSeconds(55)).ShouldBeLessThanOrEqualTo(perMinute);
        }
    }

    private async Task Crowd(int requests)
    {
        using var client = app.NewClient();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, ct) =>
            {
                using var answer = await client.GetAsync("/api/home", ct);
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
            });
    }

    private static async Task Fail(string failure, HttpContext http)
    {
        switch (failure)
        {
            case "down":
                http.Abort();
                break;
            case "slow":
                await Task.Delay(5000, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "rubbish":
                await http.Response.WriteAsync("<html>\0Oops</html>");
                break;
            case "half a json":
                await http.Response.WriteAsync("{\"snapshots\": [{\"key\": \"\\ud800\"}]}");
                break;
            case "huge":
                for (var i = 0; i < 100; i++) await http.Response.WriteAsync(new string(' ', 1000));
                break;
            case "never-ending":
                while (!http.RequestAborted.IsCancellationRequested)
                {
                    await http.Response.WriteAsync(" ");
                    await http.Response.Body.FlushAsync();
                    await Task.Delay(50, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                break;
            case "silent in the middle":
                http.Response.ContentLength = 1000;
                await http.Response.WriteAsync("{\"snapshots\": [");
                await http.Response.Body.FlushAsync();
                await Task.Delay(5000, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "redirect":
                http.Response.Redirect("/elsewhere");
                break;
            case "bomb":
                http.Response.Headers.ContentEncoding = "gzip";
                await http.Response.Body.WriteAsync(new byte[100]);
                break;
            case "unasked 304":
                http.Response.StatusCode = http.Request.Headers.IfNoneMatch.Count == 0 ? 304 : 503;
                break;
            case "wrong status":
                http.Response.StatusCode = 503;
                break;
            default:
                http.Response.ContentLength = 1000;
                await http.Response.WriteAsync("{");
                http.Abort();
                break;
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Pulled;

/// <summary>A crowd at the front page is nothing that a source notices, and a silent source is nothing that the crowd does.</summary>
[Trait("Speed", "slow")]
public class PullBurstTests(PullBurstTests.App app, ITestOutputHelper output) : IClassFixture<PullBurstTests.App>
{
    private const int Burst = 10_000;
    private const int AtOnce = 64;
    private const int Persons = 50;

    /// <summary>A person's first feed waits for hardly anything, and a source of this process may take as long as a test needs.</summary>
    public sealed class App : PullingApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:PersonalWaitMs"] = "20";
            builder.Configuration["Home:PullTimeoutMs"] = "60000";
        }
    }

    [Fact]
    public async Task A_burst_is_answered_while_the_source_answers_nobody()
    {
        await using var source = await OutsideSource.New(app);
        var without = await Crowd(app, Burst);
        var mayAnswer = new TaskCompletionSource();
        var answered = 0;
        source.Answer = async http =>
        {
            await mayAnswer.Task.WaitAsync(http.RequestAborted);
            Interlocked.Increment(ref answered);
            await http.Response.WriteAsJsonAsync(OutsideSource.Snapshots(1, "At last."));
        };
        await source.Pull(interval: 1, rate: 10, timeout: 10_000);
        await Eventually(() => Task.FromResult(!source.Calls.IsEmpty));

        var with = await Crowd(app, Burst);

        // None of them can have waited for it.
        answered.ShouldBe(0);
        source.Calls.Count.ShouldBeLessThanOrEqualTo(10);
        source.MostAtOnce.ShouldBe(1);
        (await app.Anonymous.Says(source.Widget)).ShouldBe("Fallback.");
        (await source.State()).ShouldBe("fallback");
        output.WriteLine($"p99 {with:0.0} ms while it is silent, {without:0.0} ms without it: {with / without:0.00}");
        mayAnswer.SetResult();
        // On a busy machine it was given up meanwhile, and is asked again when its rate and its pause allow.
        await Eventually(async () =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(6));
            return await app.Anonymous.Says(source.Widget) == "At last.";
        });
    }

    [Fact]
    public async Task A_burst_on_two_nodes_causes_no_more_calls_than_on_one()
    {
        if (!TestDatabase.IsPostgres) Assert.Skip("SQLite has one node.");
        await using var source = await OutsideSource.New(app);
        await using var second = (App)await app.AnotherNode();
        app.Clock.Hold();
        await source.Pull(interval: 1, rate: 10);

        await Task.WhenAll(Crowd(app, Burst / 2), Crowd(second, Burst / 2));

        // The clock stands still: one call is all that its rate allows.
        await Eventually(async () => await second.Anonymous.Says(source.Widget) == "From outside.");
        source.Calls.Count.ShouldBe(1);
        for (var i = 2; i <= 4; i++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(6));
            await Eventually(() => Task.FromResult(source.Calls.Count >= i));
            await Task.WhenAll(Crowd(app, 500), Crowd(second, 500));
            source.Calls.Count.ShouldBe(i);
        }

        source.MostAtOnce.ShouldBe(1);
    }

    [Fact]
    public async Task A_burst_of_persons_asks_a_source_of_this_process_once_for_each()
    {
        var mayAnswer = new TaskCompletionSource();
        var calls = new ConcurrentDictionary<string, int>();
        var (inside, most) = (0, 0);
        app.Source.Answer = async (key, user, ct) =>
        {
            calls.AddOrUpdate($"{key} {user}", 1, (_, before) => before + 1);
            var now = Interlocked.Increment(ref inside);
            InterlockedMax(ref most, now);
            await mayAnswer.Task.WaitAsync(ct);
            Interlocked.Decrement(ref inside);
            return new() { ["paragraphs"] = new System.Text.Json.Nodes.JsonArray($"for {user}") };
        };
        var clients = Enumerable.Range(0, Persons).Select(i => app.As($"burst-{i}", "customer")).ToList();

        // Cold, and silent: nobody has their own, and nobody waits for it.
        await Crowd(app, Burst, clients);
        most.ShouldBeInRange(1, 8);
        calls.Values.ShouldAllBe(times => times == 1);
        (await clients[0].Keys()).ShouldBe([TestSource.News]);

        mayAnswer.SetResult();
        foreach (var (i, client) in clients.Index())
            await Eventually(async () => await client.Says(TestSource.Yours) == $"for burst-{i}");

        // Warm.
        await Crowd(app, Burst, clients);
        calls.Keys.ShouldAllBe(key => key.StartsWith("yours burst-"));
        calls.Count.ShouldBe(Persons);
        calls.Values.ShouldAllBe(times => times == 1);
        foreach (var client in clients) client.Dispose();
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var before = Volatile.Read(ref most); now > before; before = Volatile.Read(ref most))
            Interlocked.CompareExchange(ref most, now, before);
    }

    /// <returns>The time within which 99 of 100 were answered, in milliseconds.</returns>
    private static async Task<double> Crowd(HomeApp app, int requests, IReadOnlyList<HttpClient>? clients = null)
    {
        using var stranger = app.NewClient();
        var took = new ConcurrentBag<double>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, requests), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, ct) =>
            {
                var began = Stopwatch.GetTimestamp();
                using var answer = await (clients?[i % clients.Count] ?? stranger).GetAsync("/api/home", ct);
                answer.StatusCode.ShouldBe(HttpStatusCode.OK);
                took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            });
        return took.Order().ElementAt(requests * 99 / 100);
    }
}

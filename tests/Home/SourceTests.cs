using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Seams;
using Kontor.Home.Sources;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests;

/// <summary>Whatever a source does, the feed is there.</summary>
public sealed class SourceTests : IAsyncLifetime
{
    private readonly HomeApp _app = new();

    public async ValueTask InitializeAsync() => await _app.InitializeAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task What_a_source_offers_is_there_with_the_first_request()
    {
        var feed = await _app.Anonymous.Feed("?locale=de");

        var news = feed.GetProperty("widgets").EnumerateArray().ShouldHaveSingleItem();
        news.GetProperty("key").GetString().ShouldBe(TestSource.News);
        news.GetProperty("title").GetString().ShouldBe("Neues");
        news.GetProperty("content").GetProperty("paragraphs")[0].GetString().ShouldBe("news for all");
        news.GetProperty("tracking").GetProperty("source").GetString().ShouldBe("test");
        (await _app.As("ada").Says(TestSource.Yours)).ShouldBe("yours for ada");
    }

    [Fact]
    public async Task Any_number_of_requests_causes_one_call_for_each_person_and_none_for_all()
    {
        var calls = new ConcurrentQueue<string?>();
        _app.Source.Answer = (key, user, _) =>
        {
            calls.Enqueue(user);
            return TestSource.Says($"{key} for {user}");
        };

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
        {
            using var client = i % 2 == 0 ? _app.Anonymous : _app.As($"person-{i % 5}");
            (await client.GetAsync("/api/home")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }));

        calls.OfType<string>().Order().ShouldBe(["person-0", "person-1", "person-2", "person-3", "person-4"]);
        // A node that has just begun to hear of the others asks once, for what it may have missed.
        calls.Count(user => user is null).ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task An_event_changes_the_persons_next_feed_and_nobody_elses()
    {
        using var ada = _app.As("ada");
        using var bob = _app.As("bob");
        (await ada.Says(TestSource.Yours)).ShouldBe("yours for ada");
        (await bob.Says(TestSource.Yours)).ShouldBe("yours for bob");

        _app.Source.Answer = (_, user, _) => TestSource.Says($"changed for {user}");
        await Tell(new WidgetStale("test", "yours", "ada"));

        // The one who acted reads their own write: no waiting here.
        (await ada.Says(TestSource.Yours)).ShouldBe("changed for ada");
        (await bob.Says(TestSource.Yours)).ShouldBe("yours for bob");
    }

    [Fact]
    public async Task An_event_during_a_pull_causes_another()
    {
        using var ada = _app.As("ada");
        var asked = 0;
        var isAsked = new TaskCompletionSource();
        var mayAnswer = new TaskCompletionSource();
        _app.Source.Answer = async (_, user, _) =>
        {
            if (user is null) return await TestSource.Says("for all");
            Interlocked.Increment(ref asked);
            isAsked.TrySetResult();
            await mayAnswer.Task;
            return await TestSource.Says("before the event");
        };
        var first = ada.Says(TestSource.Yours);
        await isAsked.Task;

        // The pull that is under way has read what was there before; only another one sees this.
        _app.Source.Answer = (_, user, _) =>
        {
            if (user is not null) Interlocked.Increment(ref asked);
            return TestSource.Says("after the event");
        };
        await Tell(new WidgetStale("test", "yours", "ada"));
        mayAnswer.SetResult();

        // Without anybody asking for the feed again.
        await first;
        await Eventually(() => Task.FromResult(Volatile.Read(ref asked) >= 2));
        (await ada.Says(TestSource.Yours)).ShouldBe("after the event");
        // A node that has just begun to hear of the others asks once more, for what it may have missed.
        asked.ShouldBeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task An_event_for_all_changes_the_shared_and_everybodys_personal_widget()
    {
        using var ada = _app.As("ada");
        await ada.Feed();
        _app.Source.Answer = (_, user, _) => TestSource.Says($"changed for {user ?? "all"}");

        await Tell(new WidgetStale("test", "news", null));
        await Tell(new WidgetStale("test", "yours", null));

        (await ada.Says(TestSource.Yours)).ShouldBe("changed for ada");
        await Eventually(async () => await _app.Anonymous.Says(TestSource.News) == "changed for all");
    }

    [Fact]
    public async Task What_has_reached_its_age_is_asked_for_again()
    {
        await _app.As("ada").Feed();
        _app.Source.Answer = (_, user, _) => TestSource.Says($"new for {user ?? "all"}");

        _app.Clock.Advance(TimeSpan.FromSeconds(601));

        await Eventually(async () => await _app.Anonymous.Says(TestSource.News) == "new for all");
        await Eventually(async () => await _app.As("ada").Says(TestSource.Yours) == "new for ada");
    }

    [Fact]
    public async Task What_is_nothing_to_show_is_left_out_until_there_is_something()
    {
        _app.Source.Answer = (_, _, _) => Task.FromResult<JsonObject?>(null);
        await Tell(new WidgetStale("test", "news", null));
        await Eventually(async () => (await _app.Anonymous.Keys()).Count == 0);

        _app.Source.Answer = (_, _, _) => TestSource.Says("again");
        await Tell(new WidgetStale("test", "news", null));
        await Eventually(async () => await _app.Anonymous.Says(TestSource.News) == "again");
    }

    [Theory]
    [InlineData("throws")]
    [InlineData("hangs")]
    [InlineData("blocks")]
    [InlineData("wrong")]
    [InlineData("huge")]
    [InlineData("script")]
    public async Task A_source_that_fails_keeps_what_was_shown_and_the_rest_of_the_feed(string how)
    {
        using var ada = _app.As("ada");
        using var end = new CancellationTokenSource();
        await ada.Feed();
        await _app.GivenText("other");
        var before = _app.Source.Calls;
        _app.Source.Answer = (_, _, _) => how switch
        {
            "throws" => throw new InvalidOperationException("The product has a fault."),
            "hangs" => Hang(end.Token),
            "blocks" => Task.FromResult<JsonObject?>(end.Token.WaitHandle.WaitOne() ? null : null),
            "wrong" => Task.FromResult<JsonObject?>(new() { ["paragraphs"] = "not a list" }),
            "huge" => Task.FromResult<JsonObject?>(new()
            {
                ["paragraphs"] = new JsonArray([.. Enumerable.Repeat(0, 20)
                .Select(_ => (JsonNode)new string('ä', 2000))])
            }),
            _ => Task.FromResult<JsonObject?>(new() { ["paragraphs"] = new JsonArray("a"), ["script"] = "alert(1)" }),
        };

        await Tell(new WidgetStale("test", "news", null));
        await Eventually(() => Task.FromResult(_app.Source.Calls > before));

        (await _app.Anonymous.Says(TestSource.News)).ShouldBe("news for all");
        (await _app.Anonymous.Keys()).ShouldContain("other");
        (await ada.Says(TestSource.Yours)).ShouldBe("yours for ada");
        await end.CancelAsync();
    }

    [Fact]
    public async Task Content_of_more_than_64_kilobytes_is_refused_and_told_to_admins()
    {
        // 20 paragraphs of 2,000 characters are allowed by the type; 4 bytes each make 160 KB.
        _app.Source.Answer = (_, _, _) => Task.FromResult<JsonObject?>(
            new() { ["paragraphs"] = new JsonArray([.. Enumerable.Range(0, 20).Select(_ => (JsonNode)new string('字', 2000))]) });
        await Tell(new WidgetStale("test", "news", null));

        await Eventually(async () =>
            (await _app.Admin.GetStringAsync("/api/home/explain")).Contains("is larger than", StringComparison.Ordinal));
        (await _app.As("eve").GetStringAsync("/api/home/explain")).ShouldNotContain("is larger than");
        (await _app.Anonymous.Says(TestSource.News)).ShouldBe("news for all");
    }

    [Fact]
    public async Task A_source_that_is_down_is_not_asked_by_everybody()
    {
        _app.Source.Answer = (_, _, _) => throw new InvalidOperationException("The product has a fault.");
        var before = _app.Source.Calls;

        for (var i = 0; i < 50; i++) (await _app.As($"person-{i}").GetAsync("/api/home")).StatusCode.ShouldBe(HttpStatusCode.OK);

        // Five in a row open the breaker; afterwards there is one attempt in 1, 2, 4 ... seconds.
        (_app.Source.Calls - before).ShouldBeInRange(5, 20);
    }

    [Fact]
    public async Task A_try_that_a_persons_pause_allows_is_not_lost_to_the_pause_of_the_source()
    {
        // The pauses are apart by less than a busy machine takes for a request.
        _app.Clock.Hold();
        var calls = new ConcurrentQueue<string?>();
        _app.Source.Answer = (_, user, _) =>
        {
            calls.Enqueue(user);
            throw new InvalidOperationException("The product has a fault.");
        };
        foreach (var person in new[] { "p0", "p1", "p2", "p3", "p4" }) await _app.As(person).Feed();
        // The sixth failure in a row has the source pause for two seconds; each person's own is over after one.
        _app.Clock.Advance(TimeSpan.FromSeconds(1.1));
        await _app.As("p5").Feed();
        calls.Count(user => user == "p0").ShouldBe(1);

        _app.Clock.Advance(TimeSpan.FromSeconds(1.9));
        await _app.As("p0").Feed();
        calls.Count(user => user == "p0").ShouldBe(1);
        _app.Clock.Advance(TimeSpan.FromSeconds(0.2));
        await _app.As("p0").Feed();

        await Eventually(() => Task.FromResult(calls.Count(user => user == "p0") == 2));
    }

    [Fact]
    public async Task What_an_admin_changed_of_an_offered_widget_survives_the_next_start()
    {
        var list = await _app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets");
        var news = list!["widgets"]!.AsArray().Single(widget => widget!["key"]!.GetValue<string>() == TestSource.News)!;
        news["source"]!.GetValue<string>().ShouldBe("test");
        await _app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{news["id"]}", new { roles = new[] { "premium" }, priority = 7 });

        _app.Source.Widgets = [_app.Source.Widgets[0] with { Title = new Dictionary<string, string> { ["en"] = "Renamed" } }];
        await _app.Restart();

        (await _app.Anonymous.Keys()).ShouldBeEmpty();
        var premium = (await _app.As("p", "premium").Feed()).GetProperty("widgets").EnumerateArray().ShouldHaveSingleItem();
        premium.GetProperty("title").GetString().ShouldBe("Renamed");
        premium.GetProperty("id").GetString().ShouldBe(news["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_archived_widget_is_not_asked_for()
    {
        var list = await _app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets");
        foreach (var widget in list!["widgets"]!.AsArray()) await _app.Admin.DeleteAsync($"/api/admin/widgets/{widget!["id"]}");
        var before = _app.Source.Calls;

        await Tell(new WidgetStale("test", "news", null));
        await _app.As("ada").Feed();
        await _app.Restart();

        _app.Source.Calls.ShouldBe(before);
    }

    [Fact]
    public async Task What_is_told_before_the_first_round_has_its_turn_is_heard()
    {
        var slot = _app.Services.GetRequiredService<OfferedWidgets>().Find(TestSource.News)!.Shared!;
        await Eventually(() => Task.FromResult(!slot.IsStale));
        var own = _app.Services.GetServices<IHostedService>().OfType<Refresher>().Single();
        await own.StopAsync(CancellationToken.None);
        own.Dispose();
        using var late = ActivatorUtilities.CreateInstance<Refresher>(_app.Services);
        await late.StartAsync(new CancellationToken(canceled: true));

        await Tell(new WidgetStale("test", "news", null));

        slot.IsStale.ShouldBeTrue();
    }

    private static async Task<JsonObject?> Hang(CancellationToken end)
    {
        await Task.Delay(Timeout.Infinite, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return null;
    }

    private Task Tell(WidgetStale stale) => _app.Database.Write(tx =>
    {
        stale.Tell(tx);
        return Task.CompletedTask;
    });
}

using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Home.Insight;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Insight;

/// <summary>Events that come late, and what becomes of what is stored of them.</summary>
public class LateEventsTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task What_was_recorded_without_a_connection_counts_on_its_own_day()
    {
        var widget = await Widget("offline");
        var now = app.Clock.GetUtcNow();
        var late = now.AddDays(-7).AddMinutes(1);

        (await app.Anonymous.Tell(app.Event(widget, at: late), app.Event(widget, at: now.AddDays(-2)))).ShouldBe(2);

        (await Days(widget)).ShouldBe([DayOf(late), DayOf(now.AddDays(-2))]);
    }

    [Fact]
    public async Task What_is_too_old_is_not_counted_and_leaves_the_others_alone()
    {
        var widget = await Widget("old");
        var now = app.Clock.GetUtcNow();

        var answer = await app.Anonymous.Post(
            app.Event(widget, at: now.AddDays(-7).AddMinutes(-1)), app.Event(widget, at: DateTimeOffset.MinValue), app.Event(widget));

        var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
        told.GetProperty("counted").GetInt32().ShouldBe(1);
        told.GetProperty("ignored").EnumerateArray().Select(one => one.GetProperty("reason").GetString()).ShouldBe(["too-old", "too-old"]);
        (await Days(widget)).ShouldBe([DayOf(now)]);
    }

    [Fact]
    public async Task The_future_is_now()
    {
        var widget = await Widget("future");
        var now = app.Clock.GetUtcNow();

        (await app.Anonymous.Tell(app.Event(widget, at: now.AddDays(3)), app.Event(widget, at: DateTimeOffset.MaxValue))).ShouldBe(2);

        (await Days(widget)).ShouldBe([DayOf(now)]);
    }

    [Fact]
    public async Task What_was_seen_of_a_widget_that_is_archived_since_counts()
    {
        var widget = await Widget("archived-since");
        await app.Admin.DeleteAsync($"/api/admin/widgets/{widget}");

        (await app.Anonymous.Tell(app.Event(widget))).ShouldBe(1);
    }

    private Task<List<long>> Days(string widgetId) => app.Database.Read(tx => tx.Query<long>(
        "SELECT DISTINCT day FROM home_event_counts WHERE widget_id = @widgetId ORDER BY day", new { widgetId }).AsTask());

    private static long DayOf(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / 86_400_000;

    private async Task<string> Widget(string key) => (await app.GivenText(key))["id"]!.GetValue<string>();
}

/// <summary>Time passes over what is stored, in a database of its own.</summary>
public class InsightTidyingTests(HomeApp app) : IClassFixture<HomeApp>
{
    private sealed record Stored(long Ids, long Senders, long Rows, long Shards, long Positions, long Impressions);

    [Fact]
    public async Task What_is_old_is_added_up_and_then_forgotten_and_the_sums_stay()
    {
        var widget = (await app.GivenText("ageing"))["id"]!.GetValue<string>();
        using var ada = app.As("ada", "customer");
        for (var i = 0; i < 40; i++) await (i % 2 == 0 ? ada : app.Anonymous).Tell(app.Event(widget, position: i % 4));
        var visitor = new Visitor("ada", null) { Segment = "customer" };
        var now = app.Clock.GetUtcNow().ToUnixTimeMilliseconds();
        await app.Database.Write(tx => EventCounts.Add(
            tx, visitor, [new("x", widget, "feed", FeedEventKind.Impression, now, 2)], "greeting", 1));
        // 20 of each kind of reader over two positions, spread at random; and one for the experiment.
        var fresh = await After(0);
        fresh.ShouldBe(new(40, 2, fresh.Rows, fresh.Shards, 4, 41));
        fresh.Shards.ShouldBeGreaterThan(1);

        (await After(3)).ShouldBe(fresh with { Senders = 0 });
        (await After(6)).ShouldBe(new(0, 0, 5, 1, 4, 41));
        (await After(90)).ShouldBe(new(0, 0, 2, 1, 1, 41));
        var shown = await app.Admin.GetFromJsonAsync<JsonElement>($"/api/admin/home/analytics?from={Before(110)}&by=segment");
        shown.GetProperty("total").GetProperty("impressions").GetInt64().ShouldBe(40);
        shown.GetProperty("segments")[0].GetProperty("segment").ValueKind.ShouldBe(JsonValueKind.Null);
        (await After(302)).ShouldBe(new(0, 0, 0, 0, 0, 0));
    }

    private string Before(int days) => $"{app.Clock.GetUtcNow().AddDays(-days):yyyy-MM-dd}";

    private async Task<Stored> After(int days)
    {
        app.Clock.Advance(TimeSpan.FromDays(days));
        await app.Services.GetRequiredService<InsightTidying>().Tidy(default);
        return (await app.Database.Read(tx => tx.First<Stored>("""
            SELECT (SELECT COUNT(*) FROM home_event_ids) AS ids, (SELECT COUNT(*) FROM home_event_senders) AS senders,
                   COUNT(*) AS rows, COUNT(DISTINCT shard) AS shards, COUNT(DISTINCT position) AS positions,
                   CAST(COALESCE(SUM(impressions), 0) AS BIGINT) AS impressions
            FROM home_event_counts
            """).AsTask()))!;
    }
}

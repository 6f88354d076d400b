using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Home.Sources;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Insight;

/// <summary>How much one sender can make of numbers.</summary>
public class EventLimitTests(EventLimitTests.LimitedApp app) : IClassFixture<EventLimitTests.LimitedApp>
{
    public sealed class LimitedApp : HomeApp
    {
        protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:EventsPerPersonDaily"] = "5";
            builder.Configuration["Home:EventsPerNetworkDaily"] = "8";
        }
    }

    [Fact]
    public async Task A_sender_counts_so_often_a_day_whatever_device_they_claim()
    {
        var widget = (await app.GivenText("limited"))["id"]!.GetValue<string>();
        using var ada = app.As("ada", "customer");
        (await ada.Tell([.. Enumerable.Range(0, 4).Select(_ => app.Event(widget))])).ShouldBe(4);
        var answer = await (await ada.Post([.. Enumerable.Range(0, 3).Select(i => app.Event(widget, id: $"{i}"))]))
            .Content.ReadFromJsonAsync<JsonElement>();
        answer.GetProperty("counted").GetInt32().ShouldBe(1);
        answer.GetProperty("ignored").EnumerateArray().Select(one => $"{one.GetProperty("id")} {one.GetProperty("reason")}")
            .ShouldBe(["1 too-many", "2 too-many"]);
        (await ada.Tell(app.Event(widget, "click"))).ShouldBe(0);
        (await app.As("bob", "customer").Tell(app.Event(widget))).ShouldBe(1);

        var strangers = 0;
        for (var i = 0; i < 12; i++)
        {
            using var stranger = app.Anonymous;
            stranger.DefaultRequestHeaders.Add("X-Device-Id", $"invented-device-{i}");
            strangers += await stranger.Tell(app.Event(widget));
        }

        strangers.ShouldBe(8);
        (await app.Counts(widget)).ShouldBe((14, 0, 0));
        app.Clock.Advance(TimeSpan.FromDays(1));
        (await ada.Tell(app.Event(widget))).ShouldBe(1);
        (await app.Anonymous.Tell(app.Event(widget))).ShouldBe(1);
    }

    [Fact]
    public async Task What_is_sent_again_costs_nothing_and_what_was_too_much_may_come_another_day()
    {
        var widget = (await app.GivenText("repeated"))["id"]!.GetValue<string>();
        using var carl = app.As("carl", "customer");
        var told = Enumerable.Range(0, 4).Select(i => app.Event(widget, id: $"carl-{i}")).ToArray();
        (await carl.Tell(told)).ShouldBe(4);
        for (var i = 0; i < 3; i++) (await carl.Tell(told)).ShouldBe(0);

        (await carl.Tell([.. told, app.Event(widget, id: "carl-4"), app.Event(widget, id: "carl-5")])).ShouldBe(1);

        app.Clock.Advance(TimeSpan.FromDays(1));
        (await carl.Tell(app.Event(widget, id: "carl-4"), app.Event(widget, id: "carl-5"))).ShouldBe(1);
    }

    [Fact]
    public async Task Nothing_but_how_much_a_person_sent_and_what_they_saw_lately_is_stored_of_them_and_that_is_erased()
    {
        var widget = (await app.GivenText("private"))["id"]!.GetValue<string>();
        using var grace = app.As("grace-the-person", "customer");
        await grace.Tell(app.Event(widget, id: "graces-own-event"), app.Event(widget, "click"));
        (await Found("grace-the-person")).ShouldBe(["home_event_senders", "home_viewers"]);
        (await Found("graces-own-event")).ShouldBeEmpty();

        await app.Services.GetRequiredService<HomePersonalData>().Erase(new("grace-the-person", null, 0), default);

        (await Found("grace-the-person")).ShouldBeEmpty();
        (await app.Counts(widget)).ShouldBe((1, 1, 0));
    }

    /// <summary>The tables of insight in which this stands anywhere.</summary>
    private async Task<List<string>> Found(string text)
    {
        var found = new List<string>();
        foreach (var table in new[] { "home_event_ids", "home_event_senders", "home_event_counts", "home_viewers", "home_rate_counts" })
        {
            await app.Database.Read(async tx =>
            {
                await tx.Scan($"SELECT * FROM {table}", null, row =>
                {
                    for (var i = 0; i < row.FieldCount; i++)
                    {
                        if (row.GetValue(i).ToString()!.Contains(text, StringComparison.Ordinal)) found.Add(table);
                    }
                });
                return true;
            });
        }

        return [.. found.Distinct()];
    }
}

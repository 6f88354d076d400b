using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Time;
using Kontor.Home.Tests.Insight;
using Microsoft.AspNetCore.Builder;
using Shouldly;

namespace Kontor.Home.Tests.Ranking;

/// <summary>A feed on which nothing is tried, so that only what a test does decides.</summary>
public class RankingApp : HomeApp
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Configuration["Home:Ranking:Exploration"] = "0";
        builder.Configuration["Home:Ranking:ProductMax"] = "3";
        builder.Configuration["Home:Ranking:CategoryMax"] = "2";
        builder.Configuration["Home:Ranking:DayMax"] = "2";
        builder.Configuration["Home:Ranking:DayLeaves"] = "1";
    }
}

internal static class Ranked
{
    /// <summary>Published, for everybody. The answer is the widget's id.</summary>
    public static async Task<string> GivenRanked(
        this HomeApp app, string key, string category, int priority = 100, string? team = null, int? pin = null, string slot = "main") =>
        (string)(await app.GivenText(key, with =>
        {
            (with["category"], with["priority"], with["team"]) = (category, priority, team ?? $"team-{key}");
            with["placement"] = new JsonObject { ["slot"] = slot, ["pin"] = pin };
        }))["id"]!;

    /// <summary>Those of the feed's keys that begin so, in the order of the feed, without that beginning.</summary>
    public static async Task<string> Order(this HttpClient client, string prefix, string query = "") => string.Join(
        ' ', (await client.Keys(query)).Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => key[prefix.Length..]));

    public static async Task<JsonElement> Explained(this HttpClient client, string key, string query = "") =>
        (await client.GetFromJsonAsync<JsonElement>($"/api/home/explain{query}")).GetProperty("widgets").EnumerateArray()
            .Single(widget => widget.GetProperty("key").GetString() == key);

    public static async Task<double> Term(this HttpClient client, string key, string term) =>
        (await client.Explained(key)).GetProperty("score").GetProperty(term).GetDouble();

    public static async Task<JsonElement> Taste(this HttpClient client) => await client.GetFromJsonAsync<JsonElement>("/api/home/taste");

    public static async Task Switch(this HttpClient client, bool enabled)
    {
        var answer = await client.PutAsJsonAsync("/api/home/taste", new { enabled });
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("enabled").GetBoolean().ShouldBe(enabled);
    }

    /// <summary>Seen, once each, and nothing else.</summary>
    public static async Task See(this HttpClient client, HomeApp app, params string[] widgets) =>
        (await client.Tell([.. widgets.Select(widget => app.Event(widget))])).ShouldBe(widgets.Length);

    public static async Task Click(this HttpClient client, HomeApp app, params string[] widgets) =>
        (await client.Tell([.. widgets.Select(widget => app.Event(widget, "click"))])).ShouldBe(widgets.Length);

    /// <summary>To noon of the next day, so that no test runs into midnight.</summary>
    public static void NextDay(this HomeApp app)
    {
        var now = app.Clock.NowMs();
        app.Clock.Advance(TimeSpan.FromMilliseconds((((now / Clock.Day) + 1) * Clock.Day) + (12 * Clock.Hour) - now));
    }
}

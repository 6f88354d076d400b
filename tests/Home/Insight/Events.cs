using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Testing;
using Shouldly;

namespace Kontor.Home.Tests.Insight;

/// <summary>What a client tells of a feed, and what became of it.</summary>
internal static class Events
{
    /// <param name="id">A new one when it is left out.</param>
    /// <param name="at">Now when it is left out.</param>
    public static JsonObject Event(
        this KontorApp app, string widgetId, string kind = "impression", string? id = null, DateTimeOffset? at = null, int? position = null)
    {
        var told = new JsonObject
        {
            ["id"] = id ?? Guid.NewGuid().ToString(),
            ["widgetId"] = widgetId,
            ["feedId"] = "feed",
            ["kind"] = kind,
            ["at"] = at ?? app.Clock.GetUtcNow(),
        };
        if (position is not null) told["position"] = position;
        return told;
    }

    public static Task<HttpResponseMessage> Post(this HttpClient client, params JsonNode?[] events) =>
        client.PostAsJsonAsync("/api/home/events", new { events = events.Select(one => one?.DeepClone()) });

    /// <summary>How many of them were counted.</summary>
    public static async Task<int> Tell(this HttpClient client, params JsonNode?[] events)
    {
        var answer = await client.Post(events);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("counted").GetInt32();
    }

    /// <summary>How often each widget was seen, clicked and dismissed, over all days.</summary>
    public static async Task<(long Impressions, long Clicks, long Dismissals)> Counts(this KontorApp app, string widgetId)
    {
        var found = await app.Database.Read(tx => tx.First<Sums>("""
            SELECT CAST(COALESCE(SUM(impressions), 0) AS BIGINT) AS impressions, CAST(COALESCE(SUM(clicks), 0) AS BIGINT) AS clicks,
                   CAST(COALESCE(SUM(dismissals), 0) AS BIGINT) AS dismissals
            FROM home_event_counts
            WHERE widget_id = @widgetId AND experiment = ''
            """, new { widgetId }).AsTask());
        return (found!.Impressions, found.Clicks, found.Dismissals);
    }

    private sealed record Sums(long Impressions, long Clicks, long Dismissals);
}

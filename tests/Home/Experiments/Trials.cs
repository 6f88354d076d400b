using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Home.Feed;
using Kontor.Home.Tests.Insight;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;

namespace Kontor.Home.Tests.Experiments;

/// <summary>Experiments on a server, with a widget for each of their variations.</summary>
internal static class Trials
{
    private const string Experiments = "/api/admin/experiments";

    public static JsonObject Trial(string key) => new()
    {
        ["key"] = key,
        ["name"] = $"Trial of {key}",
        ["variations"] = new JsonArray(
            new JsonObject { ["key"] = "control", ["name"] = "As it is" }, new JsonObject { ["key"] = "bold", ["name"] = "Bold" }),
    };

    /// <summary>An experiment as a draft; <paramref name="with"/> changes the request.</summary>
    public static async Task<JsonObject> GivenDraft(this HomeApp app, string key, Action<JsonObject>? with = null)
    {
        var request = Trial(key);
        with?.Invoke(request);
        return await Ok(await app.Admin.PostAsJsonAsync(Experiments, request), HttpStatusCode.Created);
    }

    /// <summary>A running experiment with the widgets `key-control`, `key-bold` ...; their ids by variation.</summary>
    public static async Task<Dictionary<string, string>> GivenTrial(this HomeApp app, string key, Action<JsonObject>? with = null)
    {
        var ids = await app.GivenReady(key, with);
        await app.Run(key, "start");
        return ids;
    }

    /// <summary>The same before its start.</summary>
    public static async Task<Dictionary<string, string>> GivenReady(this HomeApp app, string key, Action<JsonObject>? with = null)
    {
        var draft = await app.GivenDraft(key, with);
        var ids = new Dictionary<string, string>();
        foreach (var variation in draft["variations"]!.AsArray().Select(one => (string)one!["key"]!))
        {
            var widget = await app.GivenText($"{key}-{variation}", text =>
                text["experiment"] = new JsonObject { ["key"] = key, ["variations"] = new JsonArray(variation) });
            ids[variation] = (string)widget["id"]!;
        }

        return ids;
    }

    public static async Task<JsonObject> Run(this HomeApp app, string key, string step, object? body = null) =>
        await Ok(await app.Admin.PostAsJsonAsync($"{Experiments}/{key}/{step}", body ?? new { }));

    public static Task<HttpResponseMessage> Change(this HttpClient admin, string key, object change) =>
        admin.PatchAsJsonAsync($"{Experiments}/{key}", change);

    public static async Task<JsonObject> Experiment(this HomeApp app, string key) =>
        await Ok(await app.Admin.GetAsync($"{Experiments}/{key}"));

    /// <summary>Somebody without an account.</summary>
    public static HttpClient OnDevice(this HttpClient client, string device)
    {
        client.DefaultRequestHeaders.Add("X-Device-Id", DeviceId(device));
        return client;
    }

    public static string DeviceId(string name) => $"device-{name}".PadRight(20, '0');

    /// <summary>The variation whose widget a reader is shown; there is always just one.</summary>
    public static async Task<string> Variation(this HttpClient client, string key, string query = "") =>
        Variation(await client.Feed(query), key);

    public static string Variation(JsonElement feed, string key) => feed.GetProperty("widgets").EnumerateArray()
        .Select(widget => widget.GetProperty("key").GetString()!)
        .Where(widget => widget.StartsWith(key + "-", StringComparison.Ordinal)).ShouldHaveSingleItem()[(key.Length + 1)..];

    /// <summary>Whether the reader takes part: only then does the widget say so.</summary>
    public static bool TakesPart(JsonElement feed, string key) => feed.GetProperty("widgets").EnumerateArray()
        .Any(widget => widget.GetProperty("tracking").At("experiment")?.GetString() == key);

    /// <summary>What they are shown comes on their screen; the variation.</summary>
    public static async Task<string> Look(
        this HomeApp app, HttpClient client, Dictionary<string, string> widgets, string key, params string[] then)
    {
        var feed = await client.Feed();
        var variation = Variation(feed, key);
        var events = then.Prepend("impression").Select(kind => app.On(feed, widgets[variation], kind)).ToArray();
        (await client.Tell(events)).ShouldBe(events.Length);
        return variation;
    }

    /// <summary>Something that happened in a feed.</summary>
    public static JsonObject On(this HomeApp app, JsonElement feed, string widgetId, string kind = "impression", string? id = null)
    {
        var told = app.Event(widgetId, kind, id);
        told["feedId"] = feed.GetProperty("feedId").GetString();
        return told;
    }

    /// <summary>Names of people, such that the account of each draws this variation.</summary>
    public static async Task<string> Somebody(this HomeApp app, string key, string drawing, string prefix)
    {
        for (var i = 0; i < 200; i++)
        {
            var id = $"{prefix}-{i}";
            if (await app.As(id, "customer").Variation(key) == drawing) return id;
        }

        throw new ShouldAssertException($"Nobody draws {drawing}.");
    }

    public static async Task<string> SomeDevice(this HomeApp app, string key, string drawing, string prefix)
    {
        for (var i = 0; i < 200; i++)
        {
            if (await app.Anonymous.OnDevice($"{prefix}-{i}").Variation(key) == drawing) return $"{prefix}-{i}";
        }

        throw new ShouldAssertException($"No device draws {drawing}.");
    }

    /// <summary>Why a widget's experiment gives them what it gives.</summary>
    public static async Task<JsonElement> GetFeedExplained(this HttpClient client, string widget) =>
        (await client.GetFromJsonAsync<JsonElement>("/api/home/explain")).GetProperty("widgets").EnumerateArray()
            .Single(one => one.GetProperty("key").GetString() == widget).GetProperty("experiment");

    /// <summary>All that is stored of who saw an experiment, as text.</summary>
    public static Task<List<string>> Rows(this HomeApp app, string experiment) => app.Database.Read(tx => tx.Query<string>("""
        SELECT attribute || ' ' || unit || ' ' || variation FROM home_assignments
        WHERE experiment = @experiment
        LIMIT 100000
        """, new { experiment }).AsTask());

    public static FeedModel Model(this HomeApp app) => app.Services.GetRequiredService<FeedModels>().Current;

    public static async Task<JsonObject> Ok(HttpResponseMessage answer, HttpStatusCode status = HttpStatusCode.OK)
    {
        answer.StatusCode.ShouldBe(status, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}

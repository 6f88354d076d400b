using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;

namespace Kontor.Home.Tests;

/// <summary>Another team's system: it has a source, a key and one widget, and pushes.</summary>
internal sealed class SourceTeam(HomeApp app, string name, string key) : IDisposable
{
    public HttpClient Client { get; } = ClientWith(app, key);

    public string Name => name;

    public string Secret => key;

    public string Widget => $"{name}.offer";

    public string WidgetId { get; private set; } = "";

    public static async Task<SourceTeam> New(HomeApp app, Action<JsonObject>? with = null, bool isSandbox = false)
    {
        var name = $"team-{Guid.NewGuid():n}"[..20];
        var added = await app.Admin.PostAsJsonAsync("/api/admin/sources", new { key = name, team = name });
        added.StatusCode.ShouldBe(HttpStatusCode.Created);
        var team = new SourceTeam(app, name, await NewKey(app, name, isSandbox));
        var widget = new JsonObject
        {
            ["key"] = "offer",
            ["source"] = name,
            ["type"] = "text",
            ["titles"] = new JsonObject { ["en"] = "Offer" },
            ["state"] = "published",
        };
        with?.Invoke(widget);
        var made = await app.Admin.PostAsJsonAsync("/api/admin/widgets", widget);
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        team.WidgetId = (string)(await made.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        return team;
    }

    public static async Task<string> NewKey(HomeApp app, string name, bool isSandbox = false)
    {
        var answer = await app.Admin.PostAsJsonAsync($"/api/admin/sources/{name}/keys", new { isSandbox });
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["key"]!;
    }

    public static HttpClient ClientWith(HomeApp app, string key)
    {
        var client = app.NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    public Task<HttpResponseMessage> Push(long version, string says, object? audience = null, int ttl = 60, int stale = 60) => Push(new
    {
        audience = audience ?? "all",
        version,
        type = "text",
        content = new { paragraphs = new[] { says } },
        ttlSeconds = ttl,
        staleSeconds = stale,
    });

    public Task<HttpResponseMessage> Push(object body) => Client.PutAsJsonAsync($"/api/home/sources/{name}/snapshots/offer", body);

    public Task<HttpResponseMessage> Tell(string? userId, string? about = "offer") =>
        Client.PostAsJsonAsync($"/api/home/sources/{name}/events", new { events = new[] { new { key = about, userId } } });

    public async Task<JsonArray> DeadLetters() =>
        (await app.Admin.GetFromJsonAsync<JsonObject>($"/api/admin/sources/{name}/dead-letters"))!["deadLetters"]!.AsArray();

    public void Dispose() => Client.Dispose();
}

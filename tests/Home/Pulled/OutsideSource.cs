using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Shouldly;

namespace Kontor.Home.Tests.Pulled;

/// <summary>The home feed, which may pull from this machine.</summary>
public class PullingApp : HomeApp
{
    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Configuration["Home:PullLoopback"] = "true";
    }
}

/// <summary>Another team's server: a real one, which answers as a test wants and remembers who asked.</summary>
internal sealed class OutsideSource : IAsyncDisposable
{
    private readonly WebApplication _server;
    private int _inside;

    private OutsideSource(HomeApp app, WebApplication server) => (App, _server) = (app, server);

    public HomeApp App { get; }

    public string Name { get; } = $"out-{Guid.NewGuid():n}"[..16];

    public string Widget => $"{Name}.offer";

    public Func<HttpContext, Task> Answer { get; set; } = _ => Task.CompletedTask;

    /// <summary>When each call came, by the clock of the test, with its headers.</summary>
    public ConcurrentQueue<(DateTimeOffset At, Dictionary<string, string> Headers)> Calls { get; } = [];

    public int MostAtOnce { get; private set; }

    public Uri Address => new(_server.Urls.First());

    /// <summary>The server, its source and one widget of text with a fallback; not pulled yet.</summary>
    public static async Task<OutsideSource> New(HomeApp app)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var source = new OutsideSource(app, builder.Build());
        source._server.Run(source.Handle);
        await source._server.StartAsync();
        source.Says(1, "From outside.");
        (await app.Admin.PostAsJsonAsync("/api/admin/sources", new { key = source.Name, team = source.Name })).StatusCode
            .ShouldBe(HttpStatusCode.Created);
        var made = await app.Admin.PostAsJsonAsync("/api/admin/widgets", new
        {
            source = source.Name,
            key = "offer",
            type = "text",
            titles = new { en = "Offer" },
            state = "published",
            fallback = new { paragraphs = new[] { "Fallback." } },
        });
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        return source;
    }

    public async Task<JsonElement> Pull(
        int interval = 3600, int rate = 60, int timeout = 10_000, int bytes = 4096, string auth = "none", string? secret = null,
        string path = "/feed")
    {
        var answer = await Declare(new
        {
            url = new Uri(Address, path),
            intervalSeconds = interval,
            callsPerMinute = rate,
            timeoutMs = timeout,
            maxBytes = bytes,
            auth,
            secret,
        });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public Task<HttpResponseMessage> Declare(object pull) => App.Admin.PatchAsJsonAsync($"/api/admin/sources/{Name}", new { pull });

    /// <summary>From now on it answers this, with a new `ETag`, and 304 to whoever has it.</summary>
    public void Says(long version, string text, int ttl = 60, int stale = 600) => Answer = async http =>
    {
        var etag = $"\"v{version}\"";
        http.Response.Headers.ETag = etag;
        if (http.Request.Headers.IfNoneMatch == etag) http.Response.StatusCode = 304;
        else await http.Response.WriteAsJsonAsync(Snapshots(version, text, ttl, stale));
    };

    public static JsonObject Snapshots(long version, string text, int ttl = 60, int stale = 600) => new()
    {
        ["snapshots"] = new JsonArray(new JsonObject
        {
            ["key"] = "offer",
            ["version"] = version,
            ["type"] = "text",
            ["content"] = new JsonObject { ["paragraphs"] = new JsonArray(text) },
            ["ttlSeconds"] = ttl,
            ["staleSeconds"] = stale,
        }),
    };

    /// <summary>The source's `pull` as an admin sees it.</summary>
    public async Task<JsonElement> Health() =>
        (await App.Admin.GetFromJsonAsync<JsonElement>($"/api/admin/sources/{Name}")).GetProperty("pull").GetProperty("health");

    public async Task<JsonElement> Explained() =>
        (await App.Admin.GetFromJsonAsync<JsonElement>("/api/home/explain")).GetProperty("widgets").EnumerateArray()
            .Single(widget => widget.GetProperty("key").GetString() == Widget).GetProperty("content");

    public async Task<string?> State() => (await Explained()).GetProperty("state").GetString();

    public async Task<JsonArray> DeadLetters() =>
        (await App.Admin.GetFromJsonAsync<JsonObject>($"/api/admin/sources/{Name}/dead-letters"))!["deadLetters"]!.AsArray();

    public async ValueTask DisposeAsync()
    {
        await App.Admin.DeleteAsync($"/api/admin/sources/{Name}");
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _server.StopAsync(soon.Token);
        await _server.DisposeAsync();
    }

    private async Task Handle(HttpContext http)
    {
        MostAtOnce = Math.Max(MostAtOnce, Interlocked.Increment(ref _inside));
        Calls.Enqueue((App.Clock.GetUtcNow(), http.Request.Headers.ToDictionary(one => one.Key, one => one.Value.ToString())));
        try
        {
            await Answer(http);
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }
}

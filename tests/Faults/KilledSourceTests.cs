using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Faults.Tests;

/// <summary>A server that was killed and starts while its sources are gone shows what they last said with its very first answer.</summary>
public sealed class KilledSourceTests : IAsyncLifetime
{
    private const string Widget = "lender.offer";

    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task The_first_feed_after_a_kill_has_what_a_source_that_is_gone_last_said()
    {
        var port = StartSource(out var source);
        List<string> before;
        await using (var server = await ServerProcess.Start(_database, ("Home__PullLoopback", "true")))
        {
            await Declare(server.Client, port);
            for (var i = 0; i < 600 && await Says(server.Client) is null; i++) await Task.Delay(50);
            (await Says(server.Client)).ShouldBe("From a source.");
            // What the products of this process said is written every two seconds.
            before = await Keys(server.Client);
            await Task.Delay(8000);
            await server.Kill();
        }

        source.Stop();
        await using var next = await ServerProcess.Start(_database, ("Home__PullLoopback", "true"));

        (await Says(next.Client)).ShouldBe("From a source.");
        (await Keys(next.Client)).ShouldBe(before, ignoreOrder: true);
        var content = await Explained(next.Client);
        content.GetProperty("state").GetString().ShouldBeOneOf("fresh", "stale");
        for (var i = 0; i < 600 && (await Explained(next.Client)).GetProperty("lastFailure").ValueKind == JsonValueKind.Null; i++)
            await Task.Delay(50);
        (await Explained(next.Client)).GetProperty("lastFailure").GetString().ShouldBe("it cannot be reached");
        (await Says(next.Client)).ShouldBe("From a source.");
    }

    private static int StartSource(out HttpListener source)
    {
        for (; ; )
        {
            var port = Random.Shared.Next(20_000, 30_000);
            source = new();
            source.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                source.Start();
            }
            catch (HttpListenerException)
            {
                continue;
            }

            _ = Answer(source);
            return port;
        }
    }

    private static async Task Answer(HttpListener source)
    {
        try
        {
            while (true)
            {
                var call = await source.GetContextAsync();
                await call.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes("""
                    {"snapshots": [{"key": "offer", "version": 1, "type": "text", "content": {"paragraphs": ["From a source."]},
                                    "ttlSeconds": 5, "staleSeconds": 3600}]}
                    """));
                call.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // It was stopped.
        }
    }

    private static async Task Declare(HttpClient client, int port)
    {
        await Send(client, HttpMethod.Post, "/api/admin/sources", new { key = "lender", team = "lending" });
        await Send(client, HttpMethod.Post, "/api/admin/widgets", new
        {
            source = "lender",
            key = "offer",
            type = "text",
            titles = new { en = "Offer" },
            state = "published",
            placement = new { pin = 1 },
        });
        await Send(client, HttpMethod.Patch, "/api/admin/sources/lender", new
        {
            pull = new { url = $"http://127.0.0.1:{port}/", intervalSeconds = 1, callsPerMinute = 60 },
        });
    }

    private static async Task<JsonNode?> Send(HttpClient client, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await Shopping.SignInAsAdmin(client));
        if (body is not null) request.Content = JsonContent.Create(body);
        using var answer = await client.SendAsync(request);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonNode>();
    }

    private static async Task<JsonElement> Explained(HttpClient client) =>
        (await Send(client, HttpMethod.Get, "/api/home/explain"))!["widgets"]!.AsArray()
            .Single(one => (string)one!["key"]! == Widget)!["content"].Deserialize<JsonElement>();

    private static async Task<List<string>> Keys(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<JsonElement>("/api/home")).GetProperty("widgets").EnumerateArray()
            .Select(widget => widget.GetProperty("key").GetString()!)];

    private static async Task<string?> Says(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("/api/home")).GetProperty("widgets").EnumerateArray()
            .Where(widget => widget.GetProperty("key").GetString() == Widget)
            .Select(widget => widget.GetProperty("content").GetProperty("paragraphs")[0].GetString()).SingleOrDefault();
}

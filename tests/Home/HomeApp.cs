using System.Net.Http.Json;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Foundation.Seams;
using Kontor.Home.Feed;
using Kontor.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Shouldly;

namespace Kontor.Home.Tests;

/// <summary>
/// The home feed alone, fed by a source that a test commands; who asks is what a header says, so that any mix of roles can.
/// </summary>
public class HomeApp : KontorApp
{
    private const string Header = "X-Test-Person";

    public TestSource Source { get; } = new();

    protected override IReadOnlyList<IModule> Modules => [new HomeModule()];

    public HttpClient Anonymous => NewClient();

    public HttpClient Admin => As("admin", RoleNames.Admin);

    public HttpClient As(string id, params string[] roles)
    {
        var client = NewClient();
        client.DefaultRequestHeaders.Add(Header, $"{id};{string.Join(',', roles)}");
        return client;
    }

    /// <summary>An admin writes a text, published, for everybody; <paramref name="with"/> changes the request.</summary>
    public async Task<JsonObject> GivenText(string key, Action<JsonObject>? with = null)
    {
        var request = Text(key);
        with?.Invoke(request);
        var answer = await Admin.PostAsJsonAsync("/api/admin/widgets", request);
        var widget = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        answer.StatusCode.ShouldBe(
            widget["proposal"] is null ? System.Net.HttpStatusCode.Created : System.Net.HttpStatusCode.Accepted, widget.ToJsonString());
        return widget;
    }

    public static JsonObject Text(string key) => new()
    {
        ["key"] = key,
        ["type"] = "text",
        ["titles"] = new JsonObject { ["en"] = $"Title of {key}", ["de"] = $"Titel von {key}" },
        ["content"] = new JsonObject { ["paragraphs"] = new JsonArray($"Text of {key}.") },
        ["state"] = "published",
    };

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication("Test").AddScheme<AuthenticationSchemeOptions, TestAuthentication>("Test", null);
        builder.Services.AddSingleton<IWidgetSource>(Source);
        builder.Configuration["Demo"] = "false";
        // A busy machine may take its time where a test waits for an answer that comes.
        builder.Configuration["Home:PersonalWaitMs"] = "10000";
        builder.Configuration["Home:StoredWaitMs"] = "10000";
        builder.Configuration["Home:PullTimeoutMs"] = "10000";
        builder.Configuration["Home:SharedPullGapMs"] = "10";
    }

    /// <summary>Each source is asked once more by a node that has just begun to hear of others, and a test would count that.</summary>
    protected override async Task Settle()
    {
        var models = Services.GetRequiredService<FeedModels>();
        for (var i = 0; i < 250 && models.Current.Widgets.Any(one => one.Offered?.Shared is { IsStale: true, LastFailure: null }); i++)
            await Task.Delay(20);
    }

    private sealed class TestAuthentication(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (!Request.Headers.TryGetValue(Header, out var person)) return Task.FromResult(AuthenticateResult.NoResult());
            var parts = person.ToString().Split(';');
            // `ada;mfa` has signed in with two factors.
            var (id, roles) = (parts[0], parts[^1]);
            Claim[] method = parts.Length == 3 ? [new(Claims.Method, parts[1])] : [];
            var claims = roles.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(role => new Claim(Claims.Role, role));
            var identity = new ClaimsIdentity([new Claim(Claims.User, id), .. method, .. claims], "Test", null, Claims.Role);
            return Task.FromResult(AuthenticateResult.Success(new(new(identity), "Test")));
        }
    }
}

/// <summary>A product's widgets: `news`, the same for all, and `yours`, personal. What they answer is set by the test.</summary>
public sealed class TestSource : IWidgetSource
{
    public const string News = "test.news";
    public const string Yours = "test.yours";

    private int _calls;

    public string Name => "test";

    public IReadOnlyList<WidgetOffer> Widgets { get; set; } =
    [
        new("news", "text", new Dictionary<string, string> { ["en"] = "News", ["de"] = "Neues" }, 500, Personal: false, 600),
        new("yours", "text", new Dictionary<string, string> { ["en"] = "Yours" }, 400, Personal: true, 600),
    ];

    public Func<string, string?, CancellationToken, Task<JsonObject?>> Answer { get; set; } =
        (key, user, _) => Says(user is null ? $"{key} for all" : $"{key} for {user}");

    public int Calls => _calls;

    public static Task<JsonObject?> Says(string text) => Task.FromResult<JsonObject?>(new() { ["paragraphs"] = new JsonArray(text) });

    public Task<JsonObject?> Content(string key, string? userId, CancellationToken ct)
    {
        Interlocked.Increment(ref _calls);
        return Answer(key, userId, ct);
    }
}

internal static class Feeds
{
    public static async Task<JsonElement> Feed(this HttpClient client, string query = "")
    {
        var answer = await client.GetAsync($"/api/home{query}");
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    public static async Task<List<string>> Keys(this HttpClient client, string query = "") =>
        [.. (await client.Feed(query)).GetProperty("widgets").EnumerateArray().Select(widget => widget.GetProperty("key").GetString()!)];

    /// <summary>What a text widget says in this feed; null when it is not in it.</summary>
    public static async Task<string?> Says(this HttpClient client, string key) => (await client.Feed())
        .GetProperty("widgets").EnumerateArray()
        .Where(widget => widget.GetProperty("key").GetString() == key)
        .Select(widget => widget.GetProperty("content").GetProperty("paragraphs")[0].GetString())
        .SingleOrDefault();

    /// <summary>For what happens in the background: looks until it is so, for as long as even a busy machine would not need.</summary>
    public static async Task Eventually(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 600; i++)
        {
            if (await holds()) return;
            await Task.Delay(50);
        }

        throw new ShouldAssertException("It did not become so within 30 seconds.");
    }
}

using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.EndToEnd.Tests.Api;

/// <summary>A demo begins with a feed that several teams fill, and stays as people leave it.</summary>
public class DemoFeedTests(DemoFeedTests.DemoApp app) : IClassFixture<DemoFeedTests.DemoApp>
{
    public sealed class DemoApp : KontorApp
    {
        protected override Settings Configure(Settings settings) => settings with { Demo = true };
    }

    [Fact]
    public async Task Several_teams_fill_the_feed_for_several_groups_of_readers()
    {
        var admin = await SignIn("admin@kontor.example", "kontor-demo-admin");
        var widgets = await Widgets(admin);

        widgets.Count.ShouldBeGreaterThanOrEqualTo(12);
        widgets.Select(widget => (string)widget["team"]!).Distinct().Count().ShouldBeGreaterThanOrEqualTo(3);
        (await admin.GetFromJsonAsync<JsonObject>("/api/admin/experiments?state=running"))!["experiments"]!.AsArray().Count.ShouldBe(2);
        (await admin.GetFromJsonAsync<JsonObject>("/api/admin/segments"))!["segments"]!.AsArray().Count.ShouldBeGreaterThanOrEqualTo(4);
    }

    [Fact]
    public async Task Its_experiments_have_results_that_can_be_trusted_and_one_of_them_decides()
    {
        var admin = await SignIn("admin@kontor.example", "kontor-demo-admin");
        var verdicts = new List<string>();
        foreach (var key in new[] { "snow-words", "workshop-words" })
        {
            var results = (await admin.GetFromJsonAsync<JsonObject>($"/api/admin/experiments/{key}/results"))!;
            ((long)results["units"]!).ShouldBeGreaterThan(5000, key);
            ((bool)results["sampleRatio"]!["isWrong"]!).ShouldBeFalse(key);
            ((DateTimeOffset)results["startedAt"]!).ShouldBeLessThan(DateTimeOffset.UtcNow.AddDays(-13));
            verdicts.Add((string)results["verdict"]!);
        }

        verdicts.ShouldContain("better");
    }

    [Fact]
    public async Task Each_reader_is_shown_each_story_once_and_in_their_language()
    {
        var english = await Feed(app.NewClient(), "?locale=en");
        var german = await Feed(app.NewClient(), "?locale=de");

        english.Count(widget => ((string)widget["key"]!).StartsWith("first-snow", StringComparison.Ordinal)).ShouldBe(1);
        german.Count(widget => ((string)widget["key"]!).StartsWith("first-snow", StringComparison.Ordinal)).ShouldBe(1);
        german.Single(widget => ((string)widget["key"]!).StartsWith("first-snow", StringComparison.Ordinal))["content"]!["title"]!
            .GetValue<string>().ShouldContain("Schnee");
        english.Select(widget => (string)widget["key"]!).ShouldNotContain(key => key.EndsWith("-de", StringComparison.Ordinal));
        german.Select(widget => (string)widget["key"]!).ShouldNotContain("guides");
        // What an outside team pushed is shown to all, and what it pushed to Ada to her alone.
        english.Select(widget => (string)widget["key"]!).ShouldContain("lending.shelf");
        english.Select(widget => (string)widget["key"]!).ShouldNotContain("lending.yours");
        var ada = await Feed(await SignIn("ada@kontor.example", "kontor-demo-ada"), "");
        ada.Select(widget => (string)widget["key"]!).ShouldContain("lending.yours");
        // Some of it is for members or phones alone.
        english.Select(widget => (string)widget["key"]!).ShouldNotContain(key => key.StartsWith("premium", StringComparison.Ordinal));
        (await Feed(app.NewClient(), "?platform=ios")).Select(widget => (string)widget["key"]!).ShouldContain("in-the-app");
    }

    [Fact]
    public async Task Every_picture_and_every_page_that_the_feed_leads_to_is_there()
    {
        var client = app.NewClient();
        var widgets = (await Feed(client, "?locale=en")).Concat(await Feed(client, "?locale=de"));
        foreach (var address in widgets.SelectMany(Addresses).Distinct())
        {
            using var answer = await client.GetAsync(address);
            ((int)answer.StatusCode).ShouldBeLessThan(400, address);
        }
    }

    [Fact]
    public async Task The_next_start_adds_nothing_and_brings_nothing_back()
    {
        var admin = await SignIn("admin@kontor.example", "kontor-demo-admin");
        var guides = (await Widgets(admin)).Single(widget => (string)widget["key"]! == "guides");
        (await admin.PostAsync($"/api/admin/widgets/{guides["id"]}/archive", null)).EnsureSuccessStatusCode();
        var before = await State();

        await app.Restart();

        (await State()).ShouldBe(before);
        (await Feed(app.NewClient(), "")).Select(widget => (string)widget["key"]!).ShouldNotContain("guides");
    }

    private Task<List<string>> State() => app.Database.Read(tx => tx.Query<string>("""
        SELECT 'widget ' || key || ' ' || state || ' ' || CAST(version AS TEXT) FROM home_widgets
        UNION ALL SELECT 'snapshot ' || key || ' ' || CAST(version AS TEXT) FROM home_snapshots
        UNION ALL SELECT 'segment ' || key || ' ' || CAST(version AS TEXT) FROM home_segments
        ORDER BY 1
        LIMIT 1000
        """).AsTask());

    private static IEnumerable<string> Addresses(JsonObject widget) => Texts(widget["content"]!)
        .Where(text => text.Length > 1 && text[0] == '/').Select(text => text.Split('#')[0]);

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject group => group.SelectMany(member => Texts(member.Value)),
        JsonArray list => list.SelectMany(Texts),
        JsonValue value when value.TryGetValue<string>(out var text) => [text],
        _ => [],
    };

    private async Task<HttpClient> SignIn(string email, string password)
    {
        var client = app.NewClient();
        var tokens = await (await client.PostAsJsonAsync("/auth/login", new { email, password })).Content.ReadFromJsonAsync<JsonObject>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string)tokens!["accessToken"]!);
        return client;
    }

    private static async Task<List<JsonObject>> Feed(HttpClient client, string query) =>
        [.. (await client.GetFromJsonAsync<JsonObject>($"/api/home{query}"))!["widgets"]!.AsArray().Select(widget => widget!.AsObject())];

    private static async Task<List<JsonObject>> Widgets(HttpClient admin) =>
        [.. (await admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets?limit=200"))!["widgets"]!.AsArray()
            .Select(one => one!.AsObject())];
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Home.Simulation;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>What a simulation says a change would do is what it does.</summary>
public class SimulateTests(SimulateTests.App app) : IClassFixture<SimulateTests.App>
{
    private static readonly string[] Roles = ["alpha", "beta"];

    [Fact]
    public async Task It_says_who_gains_and_who_loses_and_stores_nothing()
    {
        var widget = await app.GivenText("sim-one", with => with["rule"] = Json("""{"platform": "ios"}"""));

        var said = await Simulate(new { widget = "sim-one", change = new { rule = Json("""{"language": "de"}""") } });

        var made = said.GetProperty("results").EnumerateArray().Single(one => one.GetProperty("on").GetString() == "synthetic");
        var effect = made.GetProperty("widgets").EnumerateArray().Single(one => one.GetProperty("key").GetString() == "sim-one");
        effect.GetProperty("gained").GetInt32().ShouldBeGreaterThan(0);
        effect.GetProperty("lost").GetInt32().ShouldBeGreaterThan(0);
        var change = made.GetProperty("changes").EnumerateArray().First(one => one.GetProperty("gained").GetArrayLength() == 1);
        change.GetProperty("language").GetString().ShouldBe("de");
        change.GetProperty("platform").GetString().ShouldNotBe("ios");
        said.GetProperty("needsSecondPerson").GetBoolean().ShouldBeFalse();
        var stored = await app.Admin.GetFromJsonAsync<JsonElement>($"/api/admin/widgets/{widget["id"]}");
        stored.GetProperty("version").GetInt32().ShouldBe(1);
        (await app.Anonymous.Keys("?platform=ios")).ShouldContain("sim-one");
        (await app.Anonymous.Keys("?locale=de")).ShouldNotContain("sim-one");
    }

    [Fact]
    public async Task A_draft_counts_as_if_it_were_published()
    {
        await app.GivenText("sim-draft", with => with["state"] = "draft");

        var said = await Simulate(new { widget = "sim-draft", change = new { roles = new[] { "alpha" } } }, [new { }, Reader("alpha")]);

        var result = said.GetProperty("results")[0];
        (result.GetProperty("on").GetString(), result.GetProperty("changed").GetInt32(), result.GetProperty("share").GetDouble())
            .ShouldBe(("given", 1, 0.5));
        result.GetProperty("changes")[0].GetProperty("gained")[0].GetString().ShouldBe("sim-draft");
        (await app.As("a", "alpha").Keys()).ShouldNotContain("sim-draft");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task What_it_says_of_any_change_is_what_the_feeds_then_show(int seed)
    {
        var random = new Random(seed);
        var key = $"sim-any-{seed}";
        await GivenSegment($"sim-list-{seed}", "lina");
        for (var i = 0; i < 4; i++)
        {
            await app.GivenText($"{key}-{i}", with =>
            {
                with["rule"] = AnyRule(random, seed);
                with["priority"] = random.Next(1000);
            });
        }

        for (var round = 0; round < 8; round++)
        {
            var (name, change) = ($"{key}-{random.Next(4)}", AnyChange(random, seed));
            var readers = Enumerable.Range(0, 12).Select(_ => AnyVisit(random)).Prepend(new("web", "en", null, [])).ToList();
            var before = await Feeds(readers);

            var said = await Simulate(new { widget = name, change }, [.. readers.Select(one => Context(one, seed))]);
            var ofStrangers = await Simulate(
                new { widget = name, change }, [.. readers.Where(one => one.UserId is null).Select(one => Context(one, seed))]);
            var id = await IdOf(name);
            (await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{id}", change)).StatusCode.ShouldBe(HttpStatusCode.OK);
            var after = await Feeds(readers);

            // Whoever is signed in has an order of their own; who may see what is the same for all.
            var differing = readers.Zip(before, after)
                .Count(one => one.First.UserId is null && !one.Second.SequenceEqual(one.Third));
            var strangers = ofStrangers.GetProperty("results")[0];
            strangers.GetProperty("changed").GetInt32().ShouldBe(differing, $"{name}: {change.ToJsonString()}");
            var result = said.GetProperty("results")[0];
            var effect = result.GetProperty("widgets").EnumerateArray().FirstOrDefault(one => one.GetProperty("key").GetString() == name);
            (effect.ValueKind == JsonValueKind.Undefined ? 0 : effect.GetProperty("gained").GetInt32())
                .ShouldBe(before.Zip(after).Count(pair => !Has(pair.First, name) && Has(pair.Second, name)));
            (effect.ValueKind == JsonValueKind.Undefined ? 0 : effect.GetProperty("lost").GetInt32())
                .ShouldBe(before.Zip(after).Count(pair => Has(pair.First, name) && !Has(pair.Second, name)));
        }

        async Task<List<List<string>>> Feeds(IEnumerable<Visit> readers)
        {
            var feeds = new List<List<string>>();
            foreach (var one in readers)
            {
                using var client = one.UserId is null ? app.Anonymous : app.As(one.UserId, one.Roles);
                var feed = await client.Feed($"?platform={one.Platform}&locale={one.Locale}");
                feeds.Add([.. feed.GetProperty("widgets").EnumerateArray().Select(
                    widget => $"{widget.GetProperty("slot")} {widget.GetProperty("key")}")]);
            }

            return feeds;
        }
    }

    private static bool Has(List<string> feed, string key) => feed.Any(one => one.EndsWith($" {key}", StringComparison.Ordinal));

    private sealed record Visit(string Platform, string Locale, string? UserId, string[] Roles);

    private static Visit AnyVisit(Random random) => new(
        AnyOf(random, "web", "ios", "android"), AnyOf(random, "de", "en"), AnyOf(random, null, "lina", "luca"),
        [.. Roles.Where(_ => random.Next(2) == 0)]);

    private static object Context(Visit one, int seed) => new
    {
        platform = one.Platform,
        locale = one.Locale,
        userId = one.UserId,
        roles = one.UserId is null ? [] : one.Roles,
        segments = one.UserId == "lina" ? new[] { $"sim-list-{seed}" } : [],
    };

    [Fact]
    public async Task A_segments_rule_is_tried_with_all_that_name_it()
    {
        await GivenRule("sim-mobile", """{"platform": "ios"}""");
        await app.GivenText("sim-named", with => with["rule"] = Json("""{"$inGroup": "sim-mobile"}"""));

        var said = await Simulate(
            new { segment = "sim-mobile", rule = Json("""{"platform": "android"}""") },
            [new { platform = "ios" }, new { platform = "android" }, new { platform = "web" }]);

        var changes = said.GetProperty("results")[0].GetProperty("changes").EnumerateArray()
            .ToDictionary(one => one.GetProperty("platform").GetString()!);
        changes.Keys.ShouldBe(["ios", "android"], ignoreOrder: true);
        changes["ios"].GetProperty("lost")[0].GetString().ShouldBe("sim-named");
        changes["android"].GetProperty("gained")[0].GetString().ShouldBe("sim-named");
    }

    [Fact]
    public async Task What_is_recorded_of_readers_is_not_who_they_are()
    {
        await app.GivenText("sim-recorded");
        for (var i = 0; i < 5; i++) await app.As($"very-private-person-{i}", "alpha").Feed("?platform=android&locale=de");

        var said = await Simulate(new { widget = "sim-recorded", change = new { roles = new[] { "beta" } } });

        var recorded = said.GetProperty("results").EnumerateArray().Single(one => one.GetProperty("on").GetString() == "recorded");
        recorded.GetProperty("readers").GetInt32().ShouldBeGreaterThanOrEqualTo(5);
        recorded.GetProperty("changes").EnumerateArray().ShouldContain(one =>
            one.GetProperty("platform").GetString() == "android" && one.GetProperty("lost")[0].GetString() == "sim-recorded");
        said.GetRawText().ShouldNotContain("very-private-person");
        app.Services.GetRequiredService<RecordedReaders>().All.ShouldAllBe(
            reader => reader.User == null || reader.User.Id.StartsWith("reader-", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"draft": {}}""", 400, "validation-failed")]
    [InlineData("""{"draft": {"widget": "a", "segment": "b", "rule": {}}}""", 400, "validation-failed")]
    [InlineData("""{"draft": {"segment": "b"}}""", 400, "validation-failed")]
    [InlineData("""{"draft": {"widget": "nobody-made-it"}}""", 404, "not-found")]
    [InlineData("""{"draft": {"segment": "nobody-made-it", "rule": {}}}""", 404, "not-found")]
    [InlineData("""{"draft": {"widget": "test.news", "change": {"rule": {"shoeSize": 1}}}}""", 422, "rule-invalid")]
    [InlineData("""{"draft": {"widget": "test.news"}, "contexts": []}""", 400, "validation-failed")]
    [InlineData("""{"draft": {"widget": "test.news"}, "contexts": [{"locale": "<b>"}]}""", 400, "feed-query-invalid")]
    public async Task A_bad_draft_is_refused(string request, int status, string code)
    {
        var answer = await app.Admin.PostAsync("/api/admin/home/simulate", new StringContent(request, null, "application/json"));

        ((int)answer.StatusCode, await answer.Code()).ShouldBe((status, code));
    }

    [Fact]
    public async Task It_is_for_admins()
    {
        var answer = await app.As("eve", "customer").PostAsJsonAsync("/api/admin/home/simulate", new { draft = new { widget = "a" } });

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    private async Task<JsonElement> Simulate(object draft, object[]? contexts = null)
    {
        var answer = await app.Admin.PostAsJsonAsync("/api/admin/home/simulate", new { draft, contexts });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<string> IdOf(string key) =>
        (await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/widgets?limit=200")).GetProperty("widgets").EnumerateArray()
            .Single(one => one.GetProperty("key").GetString() == key).GetProperty("id").GetString()!;

    private Task GivenSegment(string key, params string[] persons) => Given(new { key, title = key, persons });

    private Task GivenRule(string key, string rule) => Given(new { key, title = key, rule = Json(rule) });

    private async Task Given(object segment) =>
        (await app.Admin.PostAsJsonAsync("/api/admin/segments", segment)).StatusCode.ShouldBe(HttpStatusCode.Created);

    private static object Reader(params string[] roles) => new { signedIn = true, roles };

    private static JsonObject AnyChange(Random random, int seed) => random.Next(5) switch
    {
        0 => new() { ["priority"] = random.Next(1000) },
        1 => new() { ["roles"] = new JsonArray([.. Roles.Where(_ => random.Next(2) == 0).Select(role => (JsonNode)role)]) },
        2 => new() { ["placement"] = new JsonObject { ["slot"] = AnyOf(random, "top", "main", "bottom"), ["pin"] = random.Next(3) } },
        3 => new() { ["state"] = "published", ["priority"] = random.Next(1000), ["rule"] = AnyRule(random, seed) },
        _ => new() { ["rule"] = AnyRule(random, seed) },
    };

    private static JsonObject AnyRule(Random random, int seed) => random.Next(6) switch
    {
        0 => new() { ["platform"] = AnyOf(random, "ios", "web") },
        1 => new() { ["language"] = AnyOf(random, "de", "en") },
        2 => new() { ["$inGroup"] = $"sim-list-{seed}" },
        3 => new() { ["$or"] = new JsonArray(AnyRule(random, seed), AnyRule(random, seed)) },
        4 => new() { ["signedIn"] = random.Next(2) == 0 },
        _ => [],
    };

    private static string AnyOf(Random random, params string?[] all) => all[random.Next(all.Length)]!;

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    public sealed class App : HomeApp;
}

/// <summary>A change that reaches many needs a second person, where an option says how many.</summary>
public class SecondPersonTests(SecondPersonTests.App app) : IClassFixture<SecondPersonTests.App>
{
    [Fact]
    public async Task A_widget_for_few_is_one_admins_to_publish_and_one_for_all_waits_for_another()
    {
        var few = await app.Admin.PostAsJsonAsync("/api/admin/widgets", Text("for-few", """{"platform": "ios", "language": "fr"}"""));
        few.StatusCode.ShouldBe(HttpStatusCode.Created);
        var made = await app.Admin.PostAsJsonAsync("/api/admin/widgets", Text("for-many", null));
        var id = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();

        (await app.Anonymous.Keys("?platform=ios&locale=fr")).ShouldContain("for-few");
        (await app.Anonymous.Keys()).ShouldNotContain("for-many");
        var again = await app.Admin.PostAsJsonAsync($"/api/admin/widgets/{id}/publish", new { });
        (await again.Code()).ShouldBe("second-person-needed");
        var agreed = await app.As("other", "admin").Agree($"/api/admin/widgets/{id}");
        agreed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Anonymous.Keys()).ShouldContain("for-many");
    }

    [Fact]
    public async Task So_does_a_segments_rule()
    {
        var rule = JsonNode.Parse("""{"language": "fr", "platform": "ios"}""");
        await app.Admin.PostAsJsonAsync("/api/admin/segments", new { key = "reach", title = "Reach", rule });
        await app.Admin.PostAsJsonAsync("/api/admin/widgets", Text("reaching", """{"$inGroup": "reach"}"""));

        var far = await app.Admin.PatchAsJsonAsync(
            "/api/admin/segments/reach", new { title = "Far", rule = JsonNode.Parse("""{"platform": {"$ne": "tv"}}""") });
        far.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        far = await app.Admin.PatchAsJsonAsync("/api/admin/segments/reach", new { title = "Far", rule = new { } });

        far.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var view = await far.Content.ReadFromJsonAsync<JsonElement>();
        view.GetProperty("title").GetString().ShouldBe("Far");
        view.GetProperty("proposal").GetProperty("userId").GetString().ShouldBe("admin");
        (await app.Anonymous.Keys()).ShouldNotContain("reaching");
        (await (await app.Admin.PostAsJsonAsync("/api/admin/segments/reach/publish", new { })).Code()).ShouldBe("second-person-needed");
        var agreed = await app.As("other", "admin").Agree("/api/admin/segments/reach");
        agreed.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Anonymous.Keys()).ShouldContain("reaching");

        far = await app.Admin.PatchAsJsonAsync("/api/admin/segments/reach", new { rule = JsonNode.Parse("""{"platform": "ios"}""") });
        far.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await app.Admin.PostAsJsonAsync("/api/admin/segments/reach/refuse", new { })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Anonymous.Keys()).ShouldContain("reaching");
    }

    private static JsonObject Text(string key, string? rule)
    {
        var request = HomeApp.Text(key);
        if (rule is not null) request["rule"] = JsonNode.Parse(rule);
        request["titles"]!.AsObject()["fr"] = key;
        return request;
    }

    public sealed class App : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:SecondPersonShare"] = "0.4";
        }
    }
}

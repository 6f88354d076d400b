using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>What products and other systems tell of persons decides what they are shown, and no product is asked twice for it.</summary>
public class AttributeTests(AttributeTests.App app) : IClassFixture<AttributeTests.App>
{
    [Fact]
    public async Task The_registry_names_what_every_request_and_every_product_tells()
    {
        var all = (await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/home/attributes")).GetProperty("attributes").EnumerateArray()
            .ToDictionary(one => one.GetProperty("key").GetString()!);

        all["platform"].GetProperty("values").EnumerateArray().Select(one => one.GetString()).ShouldBe(["web", "ios", "android"]);
        all["platform"].GetProperty("privacy").GetString().ShouldBe("public");
        all["stamps.count"].GetProperty("type").GetString().ShouldBe("number");
        all["stamps.count"].GetProperty("source").GetString().ShouldBe("stamps");
        all["stamps.debts"].GetProperty("privacy").GetString().ShouldBe("sensitive");
        all["stamps.count"].GetProperty("description").GetString().ShouldNotBeNullOrWhiteSpace();
    }

    [Fact]
    public async Task A_product_is_asked_once_and_again_when_it_says_that_something_changed()
    {
        await app.GivenText("stamp-rich", with => with["rule"] = Json("""{"stamps.count": {"$gte": 3}}"""));
        app.Stamps.Count["sam"] = 1;
        using var sam = app.As("sam");
        (await sam.Keys()).ShouldNotContain("stamp-rich");
        var calls = app.Stamps.CallsFor("sam");

        app.Stamps.Count["sam"] = 3;
        for (var i = 0; i < 5; i++) (await sam.Keys()).ShouldNotContain("stamp-rich");
        app.Stamps.CallsFor("sam").ShouldBe(calls);
        await app.Database.Write(tx =>
        {
            new AttributesStale("stamps", "sam").Tell(tx);
            return Task.CompletedTask;
        });

        (await sam.Keys()).ShouldContain("stamp-rich");
        app.Stamps.CallsFor("sam").ShouldBe(calls + 1);
        (await app.Anonymous.Keys()).ShouldNotContain("stamp-rich");
    }

    [Fact]
    public async Task However_many_ask_at_once_a_product_is_asked_once_for_a_person()
    {
        await app.GivenText("stamp-burst", with => with["rule"] = Json("""{"stamps.count": 7}"""));
        app.Stamps.Count["bea"] = 7;

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            using var bea = app.As("bea");
            return await bea.Keys();
        }));

        answers.ShouldAllBe(keys => keys.Contains("stamp-burst"));
        app.Stamps.CallsFor("bea").ShouldBe(1);
    }

    [Fact]
    public async Task A_product_that_fails_leaves_the_feed_as_if_nothing_were_known_and_is_asked_again_later()
    {
        await app.GivenText("stamp-few", with => with["rule"] = Json("""{"stamps.count": {"$exists": true}}"""));
        await app.GivenText("stamp-always");
        app.Stamps.Failing.Add("flo");
        using var flo = app.As("flo");

        for (var i = 0; i < 3; i++)
        {
            var keys = await flo.Keys();
            keys.ShouldContain("stamp-always");
            keys.ShouldNotContain("stamp-few");
        }

        app.Stamps.CallsFor("flo").ShouldBe(1);
        app.Stamps.Failing.Remove("flo");
        app.Clock.Advance(TimeSpan.FromSeconds(6));
        (await flo.Keys()).ShouldContain("stamp-few");
    }

    [Theory]
    [InlineData("""{"stamps.color": "red"}""", "there is no attribute stamps.color")]
    [InlineData("""{"stamps": {"count": 1}}""", "there is no attribute stamps")]
    [InlineData("""{"stamps.level": "platinum"}""", "stamps.level is never platinum")]
    [InlineData("""{"stamps.level": {"$nin": ["gold", "lead"]}}""", "stamps.level is never lead")]
    [InlineData("""{"stamps.count": "many"}""", "stamps.count is never many")]
    [InlineData("""{"signedIn": "yes"}""", "signedIn is never yes")]
    [InlineData("""{"platform": {"$inGroup": "anything"}}""", "a segment is a group of persons")]
    public async Task A_rule_that_can_never_be_right_is_refused_with_the_reason(string rule, string reason)
    {
        var request = HomeApp.Text("never-stored");
        request["rule"] = Json(rule);
        var answer = await app.Admin.PostAsJsonAsync("/api/admin/widgets", request);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await answer.Code()).ShouldBe("rule-invalid");
        (await answer.Content.ReadAsStringAsync()).ShouldContain(reason);
        (await app.Admin.GetStringAsync("/api/admin/widgets?limit=200")).ShouldNotContain("never-stored");
    }

    [Fact]
    public async Task When_another_system_tells_that_a_quote_became_a_contract_the_next_feed_is_another()
    {
        using var team = await SourceTeam.New(app);
        (await Declare(team, "stage", new { type = "text", privacy = "personal", description = "How far.", values = Stages }))
            .StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await app.GivenText("insure-it", with => with["rule"] = new JsonObject { [$"{team.Name}.stage"] = "contract" });
        using var quentin = app.As("quentin");
        (await Tell(team, 1, new { stage = "quote" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await quentin.Keys()).ShouldNotContain("insure-it");

        (await Tell(team, 2, new { stage = "contract" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await quentin.Keys()).ShouldContain("insure-it");
        (await app.As("somebody-else").Keys()).ShouldNotContain("insure-it");
        (await Tell(team, 2, new { stage = "contract" })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var late = await Tell(team, 1, new { stage = "quote" });
        (await late.Code()).ShouldBe("stale-version");
        (await quentin.Keys()).ShouldContain("insure-it");
    }

    [Fact]
    public async Task Another_system_tells_only_what_it_declared_and_only_with_its_key()
    {
        using var team = await SourceTeam.New(app);
        using var other = await SourceTeam.New(app);
        await Declare(team, "stage", new { type = "text", privacy = "personal", description = "How far.", values = Stages });
        await Declare(team, "quotes", new { type = "number", privacy = "personal", description = "How many." });

        foreach (var (attributes, reason) in new (object, string)[]
        {
            (new { unheard = 1 }, "there is no attribute unheard"), (new { stage = "war" }, "stage is one of quote, contract"),
            (new { quotes = "many" }, "quotes is a number"),
        })
        {
            var answer = await Tell(team, 1, attributes);
            (await answer.Code()).ShouldBe("attributes-invalid");
            (await answer.Content.ReadAsStringAsync()).ShouldContain(reason);
        }

        var type = await Declare(team, "quotes", new { type = "flag", privacy = "personal", description = "Whether." });
        (await type.Code()).ShouldBe("attribute-type-differs");
        using var stranger = SourceTeam.ClientWith(app, other.Secret);
        foreach (var path in new[] { $"attributes/mine", "persons/quentin" })
        {
            var answer = await stranger.PutAsJsonAsync(
                $"/api/home/sources/{team.Name}/{path}",
                new { type = "flag", privacy = "public", description = "x", version = 1, attributes = new { } });
            (await answer.Code()).ShouldBe("source-key-invalid");
        }

        var told = await app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM home_facts WHERE source = @name", new { name = team.Name }).AsTask());
        told.ShouldBe(0);
    }

    [Fact]
    public async Task A_sandbox_key_is_answered_and_nothing_is_kept()
    {
        using var team = await SourceTeam.New(app, isSandbox: true);

        (await Declare(team, "stage", new { type = "text", privacy = "personal", description = "x" }))
            .StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await app.Admin.GetStringAsync("/api/admin/home/attributes")).ShouldNotContain(team.Name);
    }

    private static readonly string[] Stages = ["quote", "contract"];

    private static Task<HttpResponseMessage> Declare(SourceTeam team, string name, object attribute) =>
        team.Client.PutAsJsonAsync($"/api/home/sources/{team.Name}/attributes/{name}", attribute);

    private static Task<HttpResponseMessage> Tell(SourceTeam team, long version, object attributes) =>
        team.Client.PutAsJsonAsync($"/api/home/sources/{team.Name}/persons/quentin", new { version, attributes });

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;

    public sealed class App : HomeApp
    {
        public Stamps Stamps { get; } = new();

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Services.AddSingleton<IPersonAttributes>(Stamps);
        }
    }

    /// <summary>A product that knows how many stamps somebody has collected.</summary>
    public sealed class Stamps : IPersonAttributes
    {
        private readonly System.Collections.Concurrent.ConcurrentBag<string> _calls = [];

        public Dictionary<string, int> Count { get; } = [];

        public Dictionary<string, int> Debts { get; } = [];

        public HashSet<string> Failing { get; } = [];

        public string Source => "stamps";

        public IReadOnlyList<PersonAttribute> Attributes { get; } =
        [
            new("count", AttributeType.Number, AttributePrivacy.Personal, "How many stamps they have."),
            new("debts", AttributeType.Number, AttributePrivacy.Sensitive, "How much they owe."),
            new("level", AttributeType.Text, AttributePrivacy.Personal, "How good a customer they are.", ["silver", "gold"]),
        ];

        public int CallsFor(string userId) => _calls.Count(one => one == userId);

        public async Task<IReadOnlyDictionary<string, JsonElement>> Of(string userId, CancellationToken ct)
        {
            _calls.Add(userId);
            await Task.Delay(20, ct);
            if (Failing.Contains(userId)) throw new InvalidOperationException("The album is closed.");
            return new Dictionary<string, JsonElement>
            {
                ["count"] = JsonSerializer.SerializeToElement(Count.GetValueOrDefault(userId)),
                ["debts"] = JsonSerializer.SerializeToElement(Debts.GetValueOrDefault(userId)),
            };
        }
    }
}

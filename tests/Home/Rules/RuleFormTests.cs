using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Home.Attributes;
using Kontor.Home.Rules;
using Shouldly;
using Xunit;
using static Kontor.Home.Rules.RuleForms;

namespace Kontor.Home.Tests.Rules;

/// <summary>Rules that are built from rows say what the rows say, and what rows cannot say is not lost.</summary>
public class RuleFormTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"platform": "ios"}""")]
    [InlineData("""{"platform": {"$in": ["ios", "android"]}, "language": {"$ne": "de"}}""")]
    [InlineData("""{"$or": [{"signedIn": true}, {"appVersion": {"$vgte": "2.0"}}]}""")]
    [InlineData("""{"$or": [{"platform": "ios", "language": "de"}, {"platform": "web"}]}""")]
    [InlineData("""{"$and": [{"platform": "ios"}, {"$or": [{"language": "de"}, {"language": "en"}]}]}""")]
    [InlineData("""{"$and": [{"appVersion": {"$vgte": "1"}}, {"appVersion": {"$vlt": "2"}}]}""")]
    [InlineData("""{"roles": {"$in": ["premium"]}, "id": {"$exists": true}}""")]
    [InlineData("""{"$notInGroup": "some"}""")]
    public void What_rows_can_say_comes_back_as_it_was(string rule)
    {
        var parsed = RuleRows.Parse(JsonElement.Parse(rule), Vocabulary.Plain).ShouldNotBeNull();

        JsonNode.DeepEquals(RuleRows.Compose(parsed.Any, parsed.Groups, Vocabulary.Plain), JsonNode.Parse(rule)).ShouldBeTrue();
    }

    [Theory]
    [InlineData("""{"$not": {"platform": "ios"}}""")]
    [InlineData("""{"$not": {"$inGroup": "some", "platform": "ios"}}""")]
    [InlineData("""{"platform": {"$not": {"$eq": "ios"}}}""")]
    [InlineData("""{"$or": [{"$or": [{"platform": "ios"}]}]}""")]
    [InlineData("""{"roles": {"$elemMatch": {"$eq": "a"}}}""")]
    [InlineData("""{"platform": {"$in": ["a,b"]}}""")]
    [InlineData("""{"$or": []}""")]
    [InlineData("""{"language": {"$in": [["de"]]}}""")]
    public void What_rows_cannot_say_stays_JSON(string rule) => RuleRows.Parse(JsonElement.Parse(rule), Vocabulary.Plain).ShouldBeNull();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_rule_rows_show_they_mean_the_same(int seed)
    {
        var (random, shown) = (new Random(seed), 0);
        for (var i = 0; i < 1000; i++)
        {
            var rule = JsonSerializer.SerializeToElement(AnyRule(random, depth: 3));
            if (Vocabulary.Plain.Read(rule).Value is not { } before) continue;
            if (RuleRows.Parse(rule, Vocabulary.Plain) is not var (any, groups)) continue;
            shown++;
            var again = Vocabulary.Plain.Read(JsonSerializer.SerializeToElement(RuleRows.Compose(any, groups, Vocabulary.Plain))).Value;

            again.ShouldNotBeNull(rule.ToString());
            foreach (var person in Persons(random))
                again!.Matches(person).ShouldBe(before.Matches(person), $"{rule} for {person}");
        }

        shown.ShouldBeGreaterThan(100);
    }

    [Fact]
    public async Task A_page_makes_a_segment_from_rows_without_scripts_and_tries_it_before_it_is_saved()
    {
        using var admin = app.As("admin;mfa", "admin");
        await Post(admin, "/admin/segments", ("key", "from-rows"), ("title", "From <rows>"), ("kind", "rule"));
        var page = await Html(admin, "/admin/segments/from-rows");
        page.ShouldContain("From &lt;rows&gt;");
        page.ShouldContain("Everybody.");

        (string, string)[] rows =
        [
            ("rule", "{}"), ("rule-was", "{}"), ("rule-rows", "true"), ("title", "From rows"), ("priority", "100"),
            ("rule-0-any", "any"), ("rule-0-0-attribute", "platform"), ("rule-0-0-operator", "$in"), ("rule-0-0-value", "ios, android"),
            ("rule-0-1-attribute", "signedIn"), ("rule-0-1-operator", "$eq"), ("rule-0-1-value", "true"),
            ("try-user", ""), ("try-platform", "ios"), ("try-locale", "en"), ("try-roles", "customer"),
        ];
        var looked = await Post(admin, "/admin/segments/from-rows", [.. rows, ("rule-look", "try")]);
        (await looked.Content.ReadAsStringAsync()).ShouldContain("It holds");
        (await Stored()).GetRawText().ShouldBe("{}");

        (await Post(admin, "/admin/segments/from-rows", rows)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        JsonNode.DeepEquals(
            JsonNode.Parse((await Stored()).GetRawText()),
            JsonNode.Parse("""{"$or": [{"platform": {"$in": ["ios", "android"]}}, {"signedIn": true}]}""")).ShouldBeTrue();
        (await Html(admin, "/admin/segments/from-rows"))
            .ShouldContain("Whoever this holds for: platform is one of “ios”, “android” or signedIn is true.");
        admin.DefaultRequestHeaders.AcceptLanguage.ParseAdd("de");
        (await Html(admin, "/admin/segments/from-rows"))
            .ShouldContain("Alle, für die gilt: platform ist eines von „ios“, „android“ oder signedIn ist wahr.");

        async Task<JsonElement> Stored() =>
            (await admin.GetFromJsonAsync<JsonElement>("/api/admin/segments/from-rows")).GetProperty("rule");
    }

    [Fact]
    public async Task The_JSON_counts_where_it_was_changed_and_what_is_wrong_with_it_is_said()
    {
        using var admin = app.Admin;
        await Post(admin, "/admin/segments", ("key", "from-json"), ("title", "JSON"), ("kind", "rule"));
        (string, string)[] Form(string json) =>
        [
            ("rule", json), ("rule-was", "{}"), ("rule-rows", "true"), ("title", "JSON"), ("priority", "1"),
            ("rule-0-0-attribute", "platform"), ("rule-0-0-operator", "$eq"), ("rule-0-0-value", "web"),
        ];

        var wrong = await Post(admin, "/admin/segments/from-json", Form("""{"shoeSize": 42}"""));
        wrong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await wrong.Content.ReadAsStringAsync()).ShouldContain("there is no attribute shoeSize");
        (await Post(admin, "/admin/segments/from-json", Form("{oops"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Post(admin, "/admin/segments/from-json", Form("""{"language": "de"}"""))).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        var stored = await admin.GetFromJsonAsync<JsonElement>("/api/admin/segments/from-json");
        stored.GetProperty("rule").GetProperty("language").GetString().ShouldBe("de");
        stored.GetProperty("priority").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task The_pages_are_for_admins()
    {
        (await app.As("eve", "customer").GetAsync("/admin/segments")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await app.Anonymous.GetAsync("/admin/segments/from-json")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    private static JsonObject AnyRule(Random random, int depth)
    {
        var rule = new JsonObject();
        for (var i = random.Next(1, 3); i > 0; i--)
        {
            if (depth > 0 && random.Next(3) == 0)
            {
                var parts = Enumerable.Range(0, random.Next(3)).Select(_ => AnyRule(random, depth - 1));
                rule[AnyOf(random, "$or", "$and", "$nor")] = new JsonArray([.. parts]);
            }
            else
            {
                rule[AnyOf(random, "platform", "language", "appVersion", "signedIn", "roles")] = AnyValue(random);
            }
        }

        return rule;
    }

    private static JsonNode AnyValue(Random random) => random.Next(7) switch
    {
        0 => "ios",
        1 => true,
        2 => new JsonObject { [AnyOf(random, "$eq", "$ne", "$vgte", "$vlt", "$regex")] = AnyOf(random, "ios", "1.2", "2") },
        3 => new JsonObject { [AnyOf(random, "$in", "$nin", "$all")] = new JsonArray("ios", "web") },
        4 => new JsonObject { ["$exists"] = random.Next(2) == 0 },
        5 => new JsonObject { ["$gte"] = "1", ["$lt"] = "2" },
        _ => new JsonObject { ["$not"] = new JsonObject { ["$eq"] = "web" } },
    };

    private static IEnumerable<JsonElement> Persons(Random random)
    {
        for (var i = 0; i < 10; i++)
        {
            var person = new JsonObject { ["platform"] = AnyOf(random, "ios", "web", "android"), ["signedIn"] = random.Next(2) == 0 };
            if (random.Next(2) == 0) person["appVersion"] = AnyOf(random, "1.0", "1.2", "3");
            if (random.Next(2) == 0) person["language"] = AnyOf(random, "de", "en");
            var roles = new[] { "ios", "web", "premium" }.Where(_ => random.Next(2) == 0);
            person["roles"] = new JsonArray([.. roles.Select(role => (JsonNode)role)]);
            yield return JsonSerializer.SerializeToElement(person);
        }
    }

    private static string AnyOf(Random random, params string[] all) => all[random.Next(all.Length)];

    private static async Task<string> Html(HttpClient client, string path)
    {
        var answer = await client.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await answer.Content.ReadAsStringAsync()).Replace("&#x201C;", "“", StringComparison.Ordinal)
            .Replace("&#x201D;", "”", StringComparison.Ordinal).Replace("&#x201E;", "„", StringComparison.Ordinal)
            .Replace("&#xFC;", "ü", StringComparison.Ordinal);
    }

    private static async Task<HttpResponseMessage> Post(HttpClient client, string path, params (string Name, string Value)[] fields)
    {
        var page = await client.GetAsync("/admin/segments");
        var token = System.Text.RegularExpressions.Regex.Match(
            await page.Content.ReadAsStringAsync(), "name=\"__RequestVerificationToken\" value=\"([^\"]*)\"").Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new FormUrlEncodedContent(
                fields.Append(("__RequestVerificationToken", token)).Select(field => KeyValuePair.Create(field.Item1, field.Item2))),
        };
        request.Headers.Add("Cookie", page.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split(';')[0]));
        return await client.SendAsync(request);
    }
}

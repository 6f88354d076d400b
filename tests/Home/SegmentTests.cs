using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>Saved groups of persons: whoever is in one sees what names it, from the next feed on, and nobody else does.</summary>
public class SegmentTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task A_list_lets_in_whom_it_names_until_it_no_longer_does()
    {
        await Given(new { key = "friends", title = "Friends", persons = new[] { "fay", "fin" } });
        await app.GivenText("for-friends", with => with["rule"] = Json("""{"$inGroup": "friends"}"""));
        await app.GivenText("for-others", with => with["rule"] = Json("""{"id": {"$notInGroup": "friends"}}"""));

        (await Seen(app.As("fay"))).ShouldBe(["for-friends"]);
        (await Seen(app.As("guy"))).ShouldBe(["for-others"]);
        (await Seen(app.Anonymous)).ShouldBe(["for-others"]);

        var changed = await Change("friends", new { add = new[] { "guy" }, remove = new[] { "fay" } });
        changed.GetProperty("persons").GetInt32().ShouldBe(2);
        (await Seen(app.As("guy"))).ShouldBe(["for-friends"]);
        (await Seen(app.As("fay"))).ShouldBe(["for-others"]);
        var listed = await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/segments/friends/persons?limit=1");
        listed.GetProperty("persons")[0].GetString().ShouldBe("fin");
        listed.GetProperty("nextCursor").GetString().ShouldNotBeNull();

        async Task<List<string>> Seen(HttpClient client) => [.. (await client.Keys()).Where(key => key is "for-friends" or "for-others")];
    }

    [Fact]
    public async Task A_rule_lets_in_whom_it_holds_for_and_its_change_is_seen_at_once()
    {
        await GivenRule("mobile-de", """{"platform": {"$ne": "web"}, "language": "de"}""");
        await GivenRule("phoners", """{"$inGroup": "mobile-de", "roles": {"$in": ["premium"]}}""");
        await app.GivenText("for-phoners", with => with["rule"] = Json("""{"$inGroup": "phoners"}"""));
        using var pia = app.As("pia", "premium");

        (await pia.Keys("?platform=ios&locale=de-AT")).ShouldContain("for-phoners");
        (await pia.Keys("?platform=web&locale=de")).ShouldNotContain("for-phoners");
        (await app.As("cora", "customer").Keys("?platform=ios&locale=de")).ShouldNotContain("for-phoners");

        await Change("mobile-de", new { rule = Json("""{"language": "de"}""") });

        (await pia.Keys("?platform=web&locale=de")).ShouldContain("for-phoners");
    }

    [Fact]
    public async Task Another_admins_change_of_the_list_is_noticed()
    {
        await Given(new { key = "shared-list", title = "List", persons = new[] { "ann", "bob" } });
        var made = await Segment();
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        string[] ann = ["ann"], cid = ["cid"], both = ["bob", "ann"];
        foreach (var same in new object[] { new { add = ann }, new { remove = cid }, new { persons = both } })
            await Change("shared-list", same);
        (await Segment()).GetRawText().ShouldBe(made.GetRawText());

        await Change("shared-list", new { add = new[] { "cid" }, version = 1 });

        var changed = await Segment();
        changed.GetProperty("version").GetInt64().ShouldBe(2);
        changed.GetProperty("updatedAt").GetDateTimeOffset().ShouldBeGreaterThan(made.GetProperty("updatedAt").GetDateTimeOffset());
        var late = await app.Admin.PatchAsJsonAsync("/api/admin/segments/shared-list", new { remove = new[] { "ann" }, version = 1 });
        (await late.Code()).ShouldBe("segment-changed");
        await Change("shared-list", new { persons = new[] { "ann" }, title = "Other", version = 2 });
        (await Segment()).GetProperty("version").GetInt64().ShouldBe(3);
        (await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/segments/shared-list/persons")).GetProperty("persons")
            .EnumerateArray().Select(one => one.GetString()).ShouldBe(["ann"]);

        Task<JsonElement> Segment() => app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/segments/shared-list");
    }

    [Fact]
    public async Task A_trace_shows_the_parts_of_a_segments_rule_and_never_who_is_on_a_list()
    {
        await Given(new { key = "traced-list", title = "List", persons = new[] { "mallory", "trent" } });
        await GivenRule("traced-rule", """{"$or": [{"$inGroup": "traced-list"}, {"platform": "ios"}]}""");
        await app.GivenText("seg-traced", with => with["rule"] = Json("""{"$inGroup": "traced-rule"}"""));

        var trace = (await app.Admin.GetFromJsonAsync<JsonElement>("/api/home/explain?userId=trent")).GetProperty("widgets")
            .EnumerateArray().Single(one => one.GetProperty("key").GetString() == "seg-traced").GetProperty("rule").GetProperty("trace");

        var text = trace.GetRawText();
        text.ShouldContain("\"name\":\"traced-list\",\"expected\":true,\"seen\":true,\"result\":true");
        text.ShouldNotContain("mallory");
    }

    [Fact]
    public async Task What_goes_in_circles_is_refused()
    {
        await GivenRule("ring-a", """{"platform": "web"}""");
        await GivenRule("ring-b", """{"$inGroup": "ring-a"}""");

        foreach (var names in new[] { "ring-a", "ring-b" })
        {
            var answer = await app.Admin.PatchAsJsonAsync(
                "/api/admin/segments/ring-a", new { rule = new JsonObject { ["$not"] = new JsonObject { ["$inGroup"] = names } } });

            (await answer.Code()).ShouldBe("rule-invalid");
            (await answer.Content.ReadAsStringAsync()).ShouldContain("asks for itself");
        }

        (await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/segments/ring-a")).GetProperty("version").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Segments_of_segments_do_not_grow_without_end()
    {
        var versions = Enumerable.Range(0, 30).Select(i => $$"""{"appVersion": "{{i}}"}""");
        await GivenRule("wide-0", $$"""{"$or": [{{string.Join(',', versions)}}]}""");
        await GivenRule("wide-1", """{"$or": [{"$inGroup": "wide-0"}, {"$notInGroup": "wide-0"}]}""");
        await GivenRule("wide-2", """{"$or": [{"$inGroup": "wide-1"}, {"$notInGroup": "wide-1"}]}""");

        var answer = await app.Admin.PostAsJsonAsync("/api/admin/segments", new
        {
            key = "wide-3",
            title = "Wide",
            rule = Json("""{"$or": [{"$inGroup": "wide-2"}, {"$notInGroup": "wide-2"}]}"""),
        });

        (await answer.Code()).ShouldBe("rule-invalid");
        var spoils = await app.Admin.PatchAsJsonAsync("/api/admin/segments/wide-1", new
        {
            rule = Json("""{"$or": [{"$inGroup": "wide-0"}, {"$inGroup": "wide-0"}, {"$inGroup": "wide-0"}, {"$inGroup": "wide-0"}]}"""),
        });
        (await spoils.Content.ReadAsStringAsync()).ShouldContain("wide-2 could no longer be evaluated");
    }

    [Fact]
    public async Task One_that_is_named_stays_and_the_answer_says_who_names_it()
    {
        await Given(new { key = "needed", title = "Needed", persons = new[] { "una" } });
        await Given(new { key = "needs", title = "Needs", rule = Json("""{"$inGroup": "needed"}""") });
        var widget = await app.GivenText("needs-too", with => with["rule"] = Json("""{"$or": [{"$notInGroup": "needed"}]}"""));

        var refused = await app.Admin.DeleteAsync("/api/admin/segments/needed");

        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().ShouldBe("segment-in-use");
        problem.GetProperty("usedBy").EnumerateArray().Select(one => one.GetString()).ShouldBe(["widget needs-too", "segment needs"]);
        (await app.Admin.DeleteAsync($"/api/admin/widgets/{widget["id"]}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Admin.DeleteAsync("/api/admin/segments/needs")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Admin.DeleteAsync("/api/admin/segments/needed")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Admin.DeleteAsync("/api/admin/segments/needed")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Admin.GetAsync("/api/admin/segments/needed")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var left = await app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM home_segment_members WHERE segment = 'needed'").AsTask());
        left.ShouldBe(0);
    }

    [Theory]
    [InlineData("""{"key": "No Key", "title": "T"}""", 400, "validation-failed")]
    [InlineData("""{"key": "k", "title": ""}""", 400, "validation-failed")]
    [InlineData("""{"key": "k", "title": "T", "rule": []}""", 400, "validation-failed")]
    [InlineData("""{"key": "k", "title": "T", "rule": {}, "persons": []}""", 400, "validation-failed")]
    [InlineData("""{"key": "k", "title": "T", "persons": [""]}""", 400, "validation-failed")]
    [InlineData("""{"key": "k", "title": "T", "persons": [null]}""", 400, "validation-failed")]
    [InlineData("""{"key": "k", "title": "T", "priority": 1001}""", 400, "validation-failed")]
    [InlineData("""{"key": "k", "title": "T", "rule": {"shoeSize": 42}}""", 422, "rule-invalid")]
    [InlineData("""{"key": "k", "title": "T", "rule": {"$inGroup": "k"}}""", 422, "rule-invalid")]
    public async Task A_bad_one_is_refused_and_nothing_is_stored(string request, int status, string code)
    {
        var answer = await app.Admin.PostAsync("/api/admin/segments", new StringContent(request, null, "application/json"));

        ((int)answer.StatusCode, await answer.Code()).ShouldBe((status, code));
        (await app.Admin.GetAsync("/api/admin/segments/k")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Its_kind_and_its_version_are_kept_to()
    {
        string[] none = [];
        await Given(new { key = "kind-list", title = "List", persons = none });
        await Given(new { key = "kind-rule", title = "Rule", rule = new { } });

        (await (await Patch("kind-list", new { rule = new { } })).Code()).ShouldBe("segment-kind-differs");
        (await (await Patch("kind-rule", new { add = new[] { "x" } })).Code()).ShouldBe("segment-kind-differs");
        (await (await Patch("kind-rule", new { title = "New", version = 7 })).Code()).ShouldBe("segment-changed");
        (await (await app.Admin.PostAsJsonAsync("/api/admin/segments", new { key = "kind-list", title = "Again", persons = none })).Code())
            .ShouldBe("segment-key-taken");
        (await Change("kind-rule", new { title = "New", version = 1 })).GetProperty("version").GetInt32().ShouldBe(2);
        (await Change("kind-rule", new { title = "New" })).GetProperty("version").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task Segments_are_listed_page_by_page_for_admins_only()
    {
        foreach (var key in new[] { "paged-1", "paged-2", "paged-3" }) await Given(new { key, title = key, persons = new[] { "lou" } });
        List<string> keys = [];
        for (var path = "/api/admin/segments?limit=2"; path is not null;)
        {
            var page = await app.Admin.GetFromJsonAsync<JsonElement>(path);
            keys.AddRange(page.GetProperty("segments").EnumerateArray().Select(one => one.GetProperty("key").GetString()!));
            path = page.GetProperty("nextCursor").GetString() is { } next ? $"/api/admin/segments?limit=2&cursor={next}" : null;
        }

        keys.Count(key => key.StartsWith("paged-", StringComparison.Ordinal)).ShouldBe(3);
        keys.ShouldBe(keys.Distinct().Order(StringComparer.Ordinal));
        (await app.As("eve", "customer").GetAsync("/api/admin/segments")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await app.Anonymous.GetAsync("/api/admin/segments")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whoever_asks_in_whatever_order_sees_exactly_what_their_segments_allow(int seed)
    {
        var random = new Random(seed);
        var persons = Enumerable.Range(0, 12).Select(i => $"p{seed}-{i}").ToArray();
        var members = new Dictionary<string, HashSet<string>>();
        for (var i = 0; i < 5; i++)
        {
            var key = $"mix-{seed}-{i}";
            members[key] = [.. persons.Where(_ => random.Next(3) == 0)];
            await Given(new { key, title = key, persons = members[key].ToArray() });
            await app.GivenText(key, with => with["rule"] = new JsonObject { ["$inGroup"] = key });
        }

        for (var round = 0; round < 40; round++)
        {
            var person = persons[random.Next(persons.Length)];
            if (random.Next(4) == 0)
            {
                var (key, list) = members.ElementAt(random.Next(members.Count));
                if (!list.Remove(person)) list.Add(person);
                await Change(key, list.Contains(person) ? new { add = new[] { person } } : new { remove = new[] { person } });
            }

            (await app.As(person).Keys()).Where(members.ContainsKey).Order(StringComparer.Ordinal)
                .ShouldBe(members.Where(one => one.Value.Contains(person)).Select(one => one.Key).Order(StringComparer.Ordinal));
            (await app.Anonymous.Keys()).ShouldNotContain(key => members.ContainsKey(key));
        }
    }

    private Task GivenRule(string key, string rule) => Given(new { key, title = key, rule = Json(rule) });

    private async Task Given(object segment)
    {
        var answer = await app.Admin.PostAsJsonAsync("/api/admin/segments", segment);
        answer.StatusCode.ShouldBe(HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> Patch(string key, object change) => app.Admin.PatchAsJsonAsync($"/api/admin/segments/{key}", change);

    private async Task<JsonElement> Change(string key, object change)
    {
        var answer = await Patch(key, change);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;
}

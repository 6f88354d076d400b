using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Types;

/// <summary>Types are contracts: written by admins, and not changed under those who rely on them.</summary>
public class TypeTests(HomeApp app) : IClassFixture<HomeApp>
{
    private const string Note = """
        {"type": "object", "required": ["note"], "additionalProperties": false,
         "properties": {"note": {"type": "string", "maxLength": 100}}}
        """;

    [Fact]
    public async Task A_type_is_written_used_and_its_next_version_added()
    {
        var key = NewKey();
        var created = await Create(key, Note, with => with["examples"] = JsonNode.Parse("""[{"note": "Hi"}]"""));
        created.StatusCode.ShouldBe(HttpStatusCode.Created, await created.Content.ReadAsStringAsync());
        created.Headers.Location!.ToString().ShouldBe($"/api/admin/types/{key}@1");

        var widget = await app.GivenText(NewKey(), with =>
        {
            with["type"] = key;
            with["content"] = JsonNode.Parse("""{"note": "Shown."}""");
        });
        (await app.Anonymous.Feed()).GetRawText().ShouldContain("Shown.");

        (await Create(key, Note, with => with["version"] = 1)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        var next = await Create(key, """{"type": "object"}""");
        (await next.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("version").GetInt64().ShouldBe(2);
        var seen = await app.Admin.GetFromJsonAsync<JsonElement>($"/api/admin/types/{key}");
        seen.GetProperty("widgets").EnumerateArray().Select(one => one.GetString()).ShouldBe([(string)widget["key"]!]);
        seen.GetProperty("isBuiltIn").GetBoolean().ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"type": "objekt"}""", "type-schema-invalid")]
    [InlineData("""{"$ref": "#"}""", "type-schema-invalid")]
    [InlineData("""{"pattern": "(a)\\1"}""", "type-schema-invalid")]
    [InlineData("""{"title": "\ud800", "enum": ["\ud800"]}""", "type-schema-invalid")]
    [InlineData("7", "type-schema-invalid")]
    public async Task A_schema_that_would_not_be_kept_is_refused(string schema, string code)
    {
        var body = $$"""{"key": "{{NewKey()}}", "schema": {{schema}}}""";
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var answer = await app.Admin.PostAsync("/api/admin/types", content);
        ((int)answer.StatusCode, await answer.Code()).ShouldBe((422, code));
    }

    [Theory]
    [InlineData("""{"examples": [{"note": 7}]}""", 422, "type-example-invalid")]
    [InlineData("""{"fallback": {"type": "nothing-like-it"}}""", 422, "type-fallback-invalid")]
    [InlineData("""{"fallback": {"type": "SELF"}}""", 422, "type-fallback-invalid")]
    [InlineData("""{"fallback": {"type": "text", "mapping": {"paragraphs": 7}}}""", 422, "type-fallback-invalid")]
    [InlineData("""{"fallback": {"type": "text", "mapping": {"paragraphs": {"each": "note"}}}}""", 422, "type-fallback-invalid")]
    [InlineData("""{"fallback": {"type": "text", "mapping": ["/note"]}}""", 422, "type-fallback-invalid")]
    [InlineData("""{"fallback": {"type": "text", "mapping": {"\ud800": "/note"}}}""", 422, "type-fallback-invalid")]
    [InlineData("""{"fallback": {"type": "text"}, "examples": [{"note": "Hi"}]}""", 422, "type-fallback-invalid")]
    [InlineData("""{"limits": {"ttlSecondsMin": 60, "ttlSecondsMax": 30}}""", 422, "type-limits-invalid")]
    [InlineData("""{"limits": {"maxBytes": 0}}""", 400, "validation-failed")]
    [InlineData("""{"limits": {"pushesPerMinute": 0}}""", 400, "validation-failed")]
    [InlineData("""{"limits": {"maxBytes": 20}, "examples": [{"note": "Hi"}]}""", 400, "validation-failed")]
    public async Task A_promise_that_cannot_hold_is_refused(string with, int status, string code)
    {
        var key = NewKey();
        (await Create(key, Note)).StatusCode.ShouldBe(HttpStatusCode.Created);
        using var body = new StringContent(
            with.Replace("SELF", key, StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json");

        var answer = await app.Admin.PatchAsync($"/api/admin/types/{key}", body);

        ((int)answer.StatusCode, await answer.Code()).ShouldBe((status, code), await answer.Content.ReadAsStringAsync());
        (await app.Admin.GetFromJsonAsync<JsonElement>($"/api/admin/types/{key}")).GetProperty("fallback").ValueKind
            .ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task A_chain_does_not_lead_in_a_circle()
    {
        var (one, other) = (NewKey(), NewKey());
        await Create(one, Note);
        await Create(other, Note, with => with["fallback"] = new JsonObject { ["type"] = one });

        var answer = await app.Admin.PatchAsJsonAsync($"/api/admin/types/{one}", new { fallback = new { type = other } });

        (await answer.Code()).ShouldBe("type-fallback-invalid");
        (await (await app.Admin.DeleteAsync($"/api/admin/types/{one}")).Code()).ShouldBe("type-in-use");
        (await app.Admin.PatchAsync($"/api/admin/types/{other}", JsonContent.Create(new { fallback = new { } }))).StatusCode
            .ShouldBe(HttpStatusCode.OK);
        (await app.Admin.DeleteAsync($"/api/admin/types/{one}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    public static TheoryData<string, bool> Changes => new()
    {
        { """{"description": "Says it better."}""", true },
        { """{"properties": {"note": {"maxLength": 100, "type": "string", "title": "Note"}}}""", true },
        { """{"properties": {"note": {"maxLength": 100, "type": "string"}, "more": {"type": "string"}}}""", true },
        { """{"properties": {"note": {"maxLength": 200, "type": "string"}}}""", false },
        { """{"properties": {"note": {"type": "string"}}}""", false },
        { """{"properties": {"more": {"type": "string"}}}""", false },
        { """{"required": []}""", false },
        { """{"additionalProperties": true}""", false },
        { """{"required": ["note", "more"], "properties": {"note": {"maxLength": 100, "type": "string"}, "more": {}}}""", false },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task A_version_in_use_may_say_more_and_nothing_else(string change, bool isCompatible)
    {
        var key = NewKey();
        await Create(key, Note);
        var after = JsonNode.Parse(Note)!.AsObject();
        foreach (var (keyword, value) in JsonNode.Parse(change)!.AsObject()) after[keyword] = value!.DeepClone();
        await app.GivenText(NewKey(), with =>
        {
            with["type"] = key;
            with["content"] = JsonNode.Parse("""{"note": "Used."}""");
        });

        var answer = await app.Admin.PatchAsJsonAsync($"/api/admin/types/{key}", new { schema = after });

        if (isCompatible) answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        else (await answer.Code()).ShouldBe("type-in-use");
        (await (await app.Admin.DeleteAsync($"/api/admin/types/{key}")).Code()).ShouldBe("type-in-use");
        var free = NewKey();
        await Create(free, Note);
        (await app.Admin.PatchAsJsonAsync($"/api/admin/types/{free}", new { schema = after })).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Admin.DeleteAsync($"/api/admin/types/{free}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task What_stands_in_for_a_type_is_not_changed_under_it()
    {
        var (below, above) = (NewKey(), NewKey());
        var note = Note.Replace("100", "3000", StringComparison.Ordinal);
        await Create(below, note);
        var example = new string('x', 2000);
        (await Create(above, note, with =>
        {
            with["fallback"] = new JsonObject { ["type"] = below };
            with["examples"] = new JsonArray(new JsonObject { ["note"] = example });
        })).StatusCode.ShouldBe(HttpStatusCode.Created);

        foreach (var change in new object[]
        {
            new { schema = JsonNode.Parse(Note) },
            new { limits = new { maxBytes = 1024 } },
        })
        {
            var refused = await app.Admin.PatchAsJsonAsync($"/api/admin/types/{below}@1", change);
            (refused.StatusCode, await refused.Code()).ShouldBe((HttpStatusCode.Conflict, "type-in-use"));
        }

        (await app.Admin.PatchAsJsonAsync($"/api/admin/types/{below}@1", new { limits = new { maxBytes = 4096 } }))
            .StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task What_the_build_says_stays_and_what_an_admin_says_of_it_outlives_a_restart()
    {
        (await (await app.Admin.PatchAsJsonAsync("/api/admin/types/hero", new { schema = new { } })).Code()).ShouldBe("type-built-in");
        (await (await app.Admin.DeleteAsync("/api/admin/types/hero")).Code()).ShouldBe("type-built-in");
        (await (await app.Admin.GetAsync("/api/admin/types/hero@9")).Code()).ShouldBe("not-found");
        (await (await app.Admin.GetAsync("/api/admin/types/No")).Code()).ShouldBe("not-found");
        (await (await app.Admin.PatchAsJsonAsync("/api/admin/types/hero", new { })).Code()).ShouldBe("nothing-to-change");
        (await app.Admin.PatchAsJsonAsync("/api/admin/types/hero", new { limits = new { maxBytes = 5000 } })).StatusCode
            .ShouldBe(HttpStatusCode.OK);

        await app.Restart();

        var hero = await app.Admin.GetFromJsonAsync<JsonElement>("/api/admin/types/hero");
        hero.GetProperty("limits").GetProperty("maxBytes").GetInt32().ShouldBe(5000);
        hero.GetProperty("examples").GetArrayLength().ShouldBe(1);
    }

    internal static string NewKey() => $"type-{Guid.NewGuid():n}"[..16];

    private Task<HttpResponseMessage> Create(string key, string schema, Action<JsonObject>? with = null) =>
        Create(app, key, schema, with);

    internal static Task<HttpResponseMessage> Create(HomeApp app, string key, string schema, Action<JsonObject>? with = null)
    {
        var request = new JsonObject { ["key"] = key, ["schema"] = JsonNode.Parse(schema) };
        with?.Invoke(request);
        return app.Admin.PostAsJsonAsync("/api/admin/types", request);
    }
}

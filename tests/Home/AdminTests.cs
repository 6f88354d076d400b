using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

public class AdminTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Theory]
    [InlineData("GET", "/api/admin/widgets")]
    [InlineData("POST", "/api/admin/widgets")]
    [InlineData("PATCH", "/api/admin/widgets/any")]
    [InlineData("DELETE", "/api/admin/widgets/any")]
    [InlineData("GET", "/api/admin/types")]
    public async Task Only_an_admin_may(string method, string path)
    {
        using var stranger = new HttpRequestMessage(new(method), path) { Content = JsonContent.Create(new { }) };
        (await app.Anonymous.SendAsync(stranger)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var customer = new HttpRequestMessage(new(method), path) { Content = JsonContent.Create(new { }) };
        var answer = await app.As("eve", "customer", "premium").SendAsync(customer);
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await answer.Code()).ShouldBe("forbidden");
    }

    [Theory]
    [InlineData("key", "\"Big Letters\"")]
    [InlineData("key", "\"\"")]
    [InlineData("key", "\"shop.deals\"")]
    [InlineData("key", "\"a\\n\"")]
    [InlineData("key", "null")]
    [InlineData("titles", "{}")]
    [InlineData("titles", "{\"de\": \"Nur deutsch\"}")]
    [InlineData("titles", "{\"en\": null}")]
    [InlineData("titles", "{\"en\": \"  \"}")]
    [InlineData("titles", "{\"en\": \"a\", \"../x\": \"b\"}")]
    [InlineData("titles", "[]")]
    [InlineData("roles", "[null]")]
    [InlineData("roles", "[\"a,b\"]")]
    [InlineData("roles", "[\"Premium\"]")]
    [InlineData("roles", "\"premium\"")]
    [InlineData("priority", "1001")]
    [InlineData("priority", "-1")]
    [InlineData("priority", "1.5")]
    [InlineData("priority", "99999999999999999999")]
    [InlineData("state", "\"deleted\"")]
    [InlineData("state", "7")]
    [InlineData("typeVersion", "0")]
    [InlineData("schedule", "{\"startsAt\": \"2030-01-02T00:00:00Z\", \"endsAt\": \"2030-01-01T00:00:00Z\"}")]
    [InlineData("schedule", "{\"startsAt\": \"2030-01-01T00:00:00Z\", \"endsAt\": \"2030-01-01T00:00:00Z\"}")]
    [InlineData("schedule", "{\"startsAt\": \"tomorrow\"}")]
    public async Task A_bad_field_is_named_and_nothing_is_stored(string field, string value)
    {
        var request = HomeApp.Text("refused");
        request[field] = JsonNode.Parse(value);

        var answer = await Post(request.ToJsonString());

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, await answer.Content.ReadAsStringAsync());
        (await answer.Content.ReadAsStringAsync()).ShouldContain($"\"{field}", Case.Insensitive);
        (await app.Admin.GetStringAsync("/api/admin/widgets?limit=200")).ShouldNotContain("\"refused\"");
    }

    [Theory]
    [InlineData("{\"paragraphs\": []}", "/paragraphs")]
    [InlineData("{\"paragraphs\": [\"a\"], \"html\": \"<b>\"}", "/html")]
    [InlineData("{\"paragraphs\": [1]}", "/paragraphs/0")]
    [InlineData("{\"paragraphs\": [\"\\ud800\"]}", "")]
    [InlineData("{\"paragraphs\": [\"a\"], \"paragraphs\": [\"b\"]}", "/paragraphs")]
    [InlineData("null", "")]
    [InlineData("[]", "")]
    public async Task Content_that_breaks_its_types_schema_is_refused_with_each_reason(string content, string pointer)
    {
        var request = HomeApp.Text("broken").ToJsonString()
            .Replace("""{"paragraphs":["Text of broken."]}""", content, StringComparison.Ordinal);

        var answer = await Post(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, await answer.Content.ReadAsStringAsync());
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().ShouldBe("content-invalid");
        problem.GetProperty("reasons").EnumerateArray().Select(reason => reason.GetProperty("pointer").GetString()).ShouldContain(pointer);
    }

    [Fact]
    public async Task A_link_that_would_run_a_script_is_refused()
    {
        var request = HomeApp.Text("scripted");
        request["type"] = "hero";
        request["content"] = JsonNode.Parse("""{"title": "Hi", "link": {"href": "javascript:alert(1)", "label": "Go"}}""");
        (await (await Post(request.ToJsonString())).Code()).ShouldBe("content-invalid");
    }

    [Fact]
    public async Task Content_that_is_missing_is_the_requests_fault()
    {
        var request = HomeApp.Text("empty");
        request.Remove("content");
        (await Post(request.ToJsonString())).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_type_that_there_is_not_is_refused()
    {
        var unknown = HomeApp.Text("typeless");
        unknown["type"] = "hologram";
        (await (await Post(unknown.ToJsonString())).Code()).ShouldBe("widget-type-unknown");
        var later = HomeApp.Text("typeless");
        later["typeVersion"] = 2;
        (await (await Post(later.ToJsonString())).Code()).ShouldBe("widget-type-unknown");
    }

    [Fact]
    public async Task A_key_is_taken_once()
    {
        await app.GivenText("taken");
        var answer = await Post(HomeApp.Text("taken").ToJsonString());
        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Code()).ShouldBe("widget-key-taken");
    }

    [Fact]
    public async Task A_change_of_what_somebody_else_has_changed_is_refused()
    {
        var widget = await app.GivenText("contested");
        var path = $"/api/admin/widgets/{widget["id"]}";
        (await app.Admin.PatchAsJsonAsync(path, new { priority = 5, version = 1 })).StatusCode.ShouldBe(HttpStatusCode.OK);

        var late = await app.Admin.PatchAsJsonAsync(path, new { priority = 6, version = 1 });

        (await late.Code()).ShouldBe("widget-changed");
        var now = (await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets?limit=200"))!["widgets"]!.AsArray()
            .Single(one => one!["key"]!.GetValue<string>() == "contested")!;
        now["priority"]!.GetValue<long>().ShouldBe(5);
        now["version"]!.GetValue<long>().ShouldBe(2);
    }

    [Fact]
    public async Task A_change_leaves_alone_what_it_does_not_name()
    {
        var widget = await app.GivenText("partial", with =>
        {
            with["roles"] = new JsonArray("premium");
            with["priority"] = 33;
            with["schedule"] = new JsonObject { ["endsAt"] = "2090-01-01T00:00:00Z" };
        });

        var answer = await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", new { priority = 34 });

        var changed = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        changed["priority"]!.GetValue<long>().ShouldBe(34);
        changed["roles"]!.AsArray().Single()!.GetValue<string>().ShouldBe("premium");
        changed["schedule"]!["endsAt"]!.GetValue<DateTimeOffset>().Year.ShouldBe(2090);
        changed["state"]!.GetValue<string>().ShouldBe("published");
    }

    [Fact]
    public async Task Archiving_twice_is_archiving_once()
    {
        var widget = await app.GivenText("gone");
        (await app.Admin.DeleteAsync($"/api/admin/widgets/{widget["id"]}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Admin.DeleteAsync($"/api/admin/widgets/{widget["id"]}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Admin.GetStringAsync("/api/admin/widgets?state=archived")).ShouldContain("\"gone\"");
        (await app.Admin.GetStringAsync("/api/admin/widgets?state=published")).ShouldNotContain("\"gone\"");
    }

    [Fact]
    public async Task What_is_not_there_is_not_found()
    {
        (await (await app.Admin.PatchAsJsonAsync("/api/admin/widgets/none", new { priority = 1 })).Code()).ShouldBe("not-found");
        (await (await app.Admin.DeleteAsync("/api/admin/widgets/none")).Code()).ShouldBe("not-found");
    }

    [Fact]
    public async Task The_list_comes_in_pages()
    {
        for (var i = 0; i < 3; i++) await app.GivenText($"paged-{i}");
        var keys = new List<string>();
        string? cursor = null;
        do
        {
            var query = cursor is null ? "" : $"&cursor={cursor}";
            var page = (await app.Admin.GetFromJsonAsync<JsonObject>($"/api/admin/widgets?limit=2{query}"))!;
            page["widgets"]!.AsArray().Count.ShouldBeInRange(1, 2);
            keys.AddRange(page["widgets"]!.AsArray().Select(widget => widget!["key"]!.GetValue<string>()));
            cursor = page["nextCursor"]?.GetValue<string>();
        }
        while (cursor is not null);

        keys.ShouldBeUnique();
        keys.ShouldBe(keys.Order(StringComparer.Ordinal));
        keys.ShouldContain("paged-2");
        (await (await app.Admin.GetAsync("/api/admin/widgets?cursor=***")).Code()).ShouldBe("cursor-invalid");
        (await app.Admin.GetAsync("/api/admin/widgets?state=lost")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task The_types_come_with_their_schemas()
    {
        var types = (await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/types"))!["types"]!.AsArray();
        types.Select(type => type!["key"]!.GetValue<string>()).ShouldBe(["card-list", "hero", "product-grid", "text"]);
        types[0]!["schema"]!["properties"]!["items"].ShouldNotBeNull();
    }

    private Task<HttpResponseMessage> Post(string json)
    {
        var content = new StringContent(json, Encoding.UTF8, "application/json");
        return app.Admin.PostAsync("/api/admin/widgets", content);
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>An admin corrects what they wrote, and uses a key again.</summary>
public class CorrectionTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task Titles_and_content_of_an_own_widget_can_be_corrected()
    {
        var widget = await app.GivenText("typo");

        var changed = await Changed(widget, """{"titles": {"en": "Right"}, "content": {"paragraphs": ["Now it is right."]}}""");

        changed["titles"]!.ToJsonString().ShouldBe("""{"en":"Right"}""");
        changed["content"]!.ToJsonString().ShouldBe("""{"paragraphs":["Now it is right."]}""");
        changed["version"]!.GetValue<long>().ShouldBe(2);
        changed["state"]!.GetValue<string>().ShouldBe("published");
        (await Stored("typo")).ToJsonString().ShouldBe(changed.ToJsonString());
        var shown = (await app.Anonymous.Feed("?locale=de")).GetProperty("widgets").EnumerateArray()
            .Single(one => one.GetProperty("key").GetString() == "typo");
        shown.GetProperty("title").GetString().ShouldBe("Right");
        shown.GetProperty("content").GetRawText().ShouldContain("Now it is right.");
        shown.GetProperty("tracking").GetProperty("revision").GetInt64().ShouldBe(2);
    }

    [Fact]
    public async Task One_is_corrected_without_the_other()
    {
        var widget = await app.GivenText("halves");

        var first = await Changed(widget, """{"content": {"paragraphs": ["New."]}}""");
        first["titles"]!.ToJsonString().ShouldBe(widget["titles"]!.ToJsonString());
        var second = await Changed(widget, """{"titles": {"en": "New"}, "content": null}""");

        second["content"]!.ToJsonString().ShouldBe("""{"paragraphs":["New."]}""");
        second["version"]!.GetValue<long>().ShouldBe(3);
    }

    [Fact]
    public async Task The_same_again_is_no_change()
    {
        var widget = await app.GivenText("same", with => with["roles"] = new JsonArray("anonymous", "customer"));
        var same = new JsonObject
        {
            ["titles"] = new JsonObject { ["de"] = "Titel von same", ["en"] = "Title of same" },
            ["content"] = widget["content"]!.DeepClone(),
            ["roles"] = widget["roles"]!.DeepClone(),
        };

        (await Changed(widget, same.ToJsonString()))["version"]!.GetValue<long>().ShouldBe(1);
    }

    [Theory]
    [InlineData("""{"content": {"paragraphs": []}, "priority": 7}""", 422, "content-invalid")]
    [InlineData("""{"content": {"title": "Of another type"}}""", 422, "content-invalid")]
    [InlineData("""{"content": "text"}""", 422, "content-invalid")]
    [InlineData("""{"titles": {"de": "Nur deutsch"}, "priority": 7}""", 400, "validation-failed")]
    [InlineData("""{"titles": {"en": " "}}""", 400, "validation-failed")]
    [InlineData("""{"titles": {"en": null}}""", 400, "validation-failed")]
    [InlineData("""{"titles": "Title"}""", 400, "validation-failed")]
    [InlineData("""{"titles": {"en": "Late"}, "version": 9}""", 409, "widget-changed")]
    [InlineData("""{}""", 400, "nothing-to-change")]
    [InlineData("""{"title": "Misspelled"}""", 400, "nothing-to-change")]
    [InlineData("""{"priority": null}""", 400, "nothing-to-change")]
    [InlineData("""{"version": 1}""", 400, "nothing-to-change")]
    public async Task A_correction_that_cannot_be_is_refused_and_changes_nothing(string body, int status, string code)
    {
        // Each case has a widget of its own, the database is theirs together.
        var key = $"kept-{Guid.NewGuid():n}";
        var widget = await app.GivenText(key);

        var answer = await Patch(widget, body);

        ((int)answer.StatusCode).ShouldBe(status, await answer.Content.ReadAsStringAsync());
        (await answer.Code()).ShouldBe(code);
        (await Stored(key)).ToJsonString().ShouldBe(widget.ToJsonString());
    }

    [Theory]
    [InlineData("""{"titles": {"en": "Mine"}, "priority": 7}""")]
    [InlineData("""{"content": {"paragraphs": ["Mine."]}}""")]
    public async Task What_a_source_says_is_not_an_admins_to_write(string body)
    {
        var news = await Stored(TestSource.News);

        var answer = await Patch(news, body);

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Code()).ShouldBe("widget-has-source");
        (await Stored(TestSource.News)).ToJsonString().ShouldBe(news.ToJsonString());
    }

    [Fact]
    public async Task The_key_of_an_archived_widget_brings_it_back_as_the_request_says()
    {
        var before = await app.GivenText("again", with =>
        {
            with["roles"] = new JsonArray("premium");
            with["priority"] = 900;
            with["schedule"] = new JsonObject { ["endsAt"] = "2090-01-01T00:00:00Z" };
        });
        (await app.Admin.DeleteAsync($"/api/admin/widgets/{before["id"]}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var after = await app.GivenText("again", with =>
        {
            with["type"] = "hero";
            with["titles"] = new JsonObject { ["en"] = "Back" };
            with["content"] = new JsonObject { ["title"] = "Back again" };
        });

        after["id"]!.GetValue<string>().ShouldBe(before["id"]!.GetValue<string>());
        after["version"]!.GetValue<long>().ShouldBe(3);
        after["createdAt"]!.GetValue<string>().ShouldBe(before["createdAt"]!.GetValue<string>());
        after["type"]!.GetValue<string>().ShouldBe("hero");
        after["titles"]!.ToJsonString().ShouldBe("""{"en":"Back"}""");
        after["roles"]!.AsArray().ShouldBeEmpty();
        after["priority"]!.GetValue<long>().ShouldBe(100);
        after["schedule"]!["endsAt"].ShouldBeNull();
        (await Stored("again")).ToJsonString().ShouldBe(after.ToJsonString());
        (await app.Anonymous.Keys()).Count(key => key == "again").ShouldBe(1);
        (await (await app.Admin.PostAsJsonAsync("/api/admin/widgets", HomeApp.Text("again"))).Code()).ShouldBe("widget-key-taken");
    }

    [Fact]
    public async Task Of_many_who_use_an_archived_key_at_once_one_gets_it()
    {
        var before = await app.GivenText("wanted", with => with["state"] = "archived");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            app.Admin.PostAsJsonAsync("/api/admin/widgets", HomeApp.Text("wanted"))));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict).ShouldBe(7);
        var after = await Stored("wanted");
        after["id"]!.GetValue<string>().ShouldBe(before["id"]!.GetValue<string>());
        after["version"]!.GetValue<long>().ShouldBe(2);
    }

    [Theory]
    [InlineData("\"live\"")]
    [InlineData("[]")]
    [InlineData("7")]
    public async Task A_state_that_there_is_not_is_answered_with_those_that_there_are(string state)
    {
        var widget = await app.GivenText($"lively-{Guid.NewGuid():n}");
        var another = HomeApp.Text("unborn");
        another["state"] = JsonNode.Parse(state);

        HttpResponseMessage[] answers =
        [
            await Patch(widget, $$"""{"state": {{state}}}"""),
            await app.Admin.PostAsJsonAsync("/api/admin/widgets", another),
        ];

        foreach (var answer in answers)
        {
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            problem.GetProperty("code").GetString().ShouldBe("validation-failed");
            var reason = problem.GetProperty("errors").GetProperty("state")[0].GetString()!;
            foreach (var value in new[] { "`draft`", "`published`", "`archived`" }) reason.ShouldContain(value);
        }
    }

    private Task<HttpResponseMessage> Patch(JsonObject widget, string body) => app.Admin.PatchAsync(
        $"/api/admin/widgets/{widget["id"]}", new StringContent(body, Encoding.UTF8, "application/json"));

    private async Task<JsonObject> Changed(JsonObject widget, string body)
    {
        var answer = await Patch(widget, body);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    private async Task<JsonObject> Stored(string key) =>
        (await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets?limit=200"))!["widgets"]!.AsArray()
            .Single(one => one!["key"]!.GetValue<string>() == key)!.AsObject();
}

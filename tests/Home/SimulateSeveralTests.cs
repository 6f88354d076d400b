using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>Several drafts are tried as they would be together, not one by one.</summary>
public class SimulateSeveralTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task What_it_says_of_all_of_them_is_what_is_shown_once_all_are_published()
    {
        (await app.Admin.PostAsJsonAsync(
            "/api/admin/segments", new { key = "several", title = "Several", rule = Json("""{"platform": "ios"}""") }))
            .StatusCode.ShouldBe(HttpStatusCode.Created);
        var one = await app.GivenText("several-one", with => with["rule"] = Json("""{"platform": "web"}"""));
        var two = await app.GivenText("several-two", with => with["state"] = "draft");
        var change = Json("""{"rule": {"$inGroup": "several"}}""");
        var rule = Json("""{"platform": "android"}""");

        var result = (await Simulate(
            [
                new { segment = "several", rule },
                new { widget = "several-one", change },
                new { widget = "several-two", change = Json("""{"roles": ["alpha"]}""") },
            ],
            [
                new { platform = "ios" }, new { platform = "android" }, new { platform = "web" },
                new { signedIn = true, roles = new[] { "alpha" } },
            ])).GetProperty("results")[0];

        result.GetProperty("changed").GetInt32().ShouldBe(3);
        Effect(result, "several-one").ShouldBe((1, 2));
        Effect(result, "several-two").ShouldBe((1, 0));
        result.GetProperty("changes").EnumerateArray().ShouldNotContain(kind => kind.GetProperty("platform").GetString() == "ios");
        (await app.Anonymous.Keys()).ShouldContain("several-one");

        await app.Admin.PatchAsJsonAsync("/api/admin/segments/several", new { rule });
        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{one["id"]}", change);
        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{two["id"]}", Json("""{"roles": ["alpha"], "state": "published"}"""));
        (await app.Anonymous.Keys("?platform=android")).ShouldContain("several-one");
        (await app.Anonymous.Keys("?platform=ios")).ShouldNotContain("several-one");
        (await app.Anonymous.Keys()).ShouldNotContain("several-one");
        var alpha = await app.As("a", "alpha").Keys();
        alpha.ShouldContain("several-two");
        alpha.ShouldNotContain("several-one");
    }

    [Theory]
    [InlineData("""{}""", 400, "validation-failed", null)]
    [InlineData("""{"drafts": []}""", 400, "validation-failed", null)]
    [InlineData("""{"draft": {"widget": "test.news"}, "drafts": [{"widget": "test.news"}]}""", 400, "validation-failed", null)]
    [InlineData("""{"drafts": [{"widget": "test.news"}, {"widget": "a", "segment": "b", "rule": {}}]}""", 400, "validation-failed", null)]
    [InlineData("""{"drafts": [{"widget": "test.news"}, {"widget": "nobody-made-it"}]}""", 404, "not-found", 1)]
    [InlineData("""{"drafts": [{"widget": "test.news"}, {"widget": "test.news", "change": {}}]}""", 400, "validation-failed", 1)]
    [InlineData("""{"draft": {"widget": "test.news"}, "contexts": [null]}""", 400, "validation-failed", null)]
    [InlineData("""{"drafts": [null]}""", 400, "validation-failed", null)]
    public async Task Bad_drafts_are_refused_and_the_one_is_named(string request, int status, string code, int? draft)
    {
        var answer = await app.Admin.PostAsync("/api/admin/home/simulate", new StringContent(request, null, "application/json"));

        var said = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        ((int)answer.StatusCode, (string?)said["code"], (int?)said["draft"]).ShouldBe((status, code, draft));
    }

    private static (int Gained, int Lost) Effect(JsonElement result, string key)
    {
        var effect = result.GetProperty("widgets").EnumerateArray().Single(one => one.GetProperty("key").GetString() == key);
        return (effect.GetProperty("gained").GetInt32(), effect.GetProperty("lost").GetInt32());
    }

    private async Task<JsonElement> Simulate(object[] drafts, object[] contexts)
    {
        var answer = await app.Admin.PostAsJsonAsync("/api/admin/home/simulate", new { drafts, contexts });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static JsonNode Json(string text) => JsonNode.Parse(text)!;
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

public class ExplainTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task Each_widget_says_why_it_is_shown_or_not()
    {
        await app.GivenText("why-shown");
        await app.GivenText("why-gate", with => with["roles"] = new JsonArray("premium"));
        await app.GivenText("why-draft", with => with["state"] = "draft");
        await app.GivenText("why-later", with => with["schedule"] = new JsonObject { ["startsAt"] = app.Clock.GetUtcNow().AddDays(1) });
        await app.GivenText("why-hero", with =>
        {
            with["type"] = "hero";
            with["content"] = new JsonObject { ["title"] = "Hello" };
        });

        var why = await Verdicts(app.Admin, "?renderers=text");

        why["why-shown"].ShouldBe("shown");
        why["why-gate"].ShouldBe("gate");
        why["why-draft"].ShouldBe("not-published");
        why["why-later"].ShouldBe("schedule");
        why["why-hero"].ShouldBe("renderer");
        (await Verdicts(app.Admin, "?userId=ada&roles=premium"))["why-gate"].ShouldBe("shown");
    }

    [Fact]
    public async Task A_drafts_gate_is_judged_though_no_published_widget_has_its_like()
    {
        await app.GivenText("gated-draft", with => (with["state"], with["roles"]) = ("draft", new JsonArray("cartographer")));
        await app.GivenText("sure-draft", with => (with["state"], with["assurance"]) = ("draft", "two-factors"));

        (await Passes("gated-draft", "cartographer")).ShouldBeTrue();
        (await Passes("gated-draft", "customer")).ShouldBeFalse();
        (await Passes("sure-draft", "customer")).ShouldBeFalse();

        async Task<bool> Passes(string key, string role) =>
            (await app.Admin.GetFromJsonAsync<JsonElement>($"/api/home/explain?userId=ada&roles={role}")).GetProperty("widgets")
            .EnumerateArray().Single(one => one.GetProperty("key").GetString() == key)
            .GetProperty("gate").GetProperty("passes").GetBoolean();
    }

    [Fact]
    public async Task It_agrees_with_the_feed()
    {
        await app.GivenText("agrees");
        using var ada = app.As("ada", "customer");
        var keys = await ada.Keys();

        var explained = (await ada.GetFromJsonAsync<JsonElement>("/api/home/explain")).GetProperty("widgets").EnumerateArray()
            .Where(widget => widget.GetProperty("verdict").GetString() == "shown")
            .OrderBy(widget => widget.GetProperty("position").GetInt32())
            .Select(widget => widget.GetProperty("key").GetString()!);

        explained.ShouldBe(keys);
    }

    [Fact]
    public async Task A_customer_is_not_told_of_what_the_gate_forbids()
    {
        await app.GivenText("secret", with => with["roles"] = new JsonArray("premium"));
        await app.GivenText("secret-draft", with => with["state"] = "draft");

        (await app.As("eve", "customer").GetStringAsync("/api/home/explain")).ShouldNotContain("secret");
        (await app.As("pia", "premium").GetStringAsync("/api/home/explain")).ShouldContain("\"secret\"");
    }

    [Theory]
    [InlineData("?userId=ada")]
    [InlineData("?roles=premium")]
    public async Task Only_an_admin_looks_through_anothers_eyes(string query)
    {
        var answer = await app.As("eve", "customer").GetAsync($"/api/home/explain{query}");
        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_stranger_has_to_sign_in()
    {
        (await app.Anonymous.GetAsync("/api/home/explain")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private static async Task<Dictionary<string, string>> Verdicts(HttpClient client, string query) =>
        (await client.GetFromJsonAsync<JsonElement>($"/api/home/explain{query}")).GetProperty("widgets").EnumerateArray()
            .ToDictionary(widget => widget.GetProperty("key").GetString()!, widget => widget.GetProperty("verdict").GetString()!);
}

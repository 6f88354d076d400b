using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Types;

/// <summary>A client is shown what it says that it can show, and the next best where it cannot.</summary>
public class ChainTests(HomeApp app) : IClassFixture<HomeApp>
{
    private const string Grid = """
        {"type": "object", "required": ["items"], "additionalProperties": false, "properties": {"items": {"type": "array",
         "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "note": {"type": "string"}}}}}}
        """;

    private const string Content = """{"items": [{"name": "One", "note": "First"}, {"name": "Two"}]}""";

    [Fact]
    public async Task The_server_walks_the_chain_and_answers_only_what_the_client_can_show()
    {
        var (grid, widget) = await Given();

        (await Shown(widget, grid)).ShouldBe((grid, 1, Content));
        (await Shown(widget, $"hero,{grid},text")).ShouldBe((grid, 1, Content));
        var (type, _, content) = await Shown(widget, "hero,text,card-list");
        type.ShouldBe("card-list");
        content.ShouldBe("""{"items": [{"title": "One", "href": "/", "meta": "First"}, {"title": "Two", "href": "/"}]}""");
        (await Shown(widget, "text")).ShouldBe(("text", 1, """{"paragraphs": ["One", "Two"]}"""));
        (await Shown(widget, "hero")).Type.ShouldBeNull();
        (await Shown(widget, null)).ShouldBe((grid, 1, Content));

        var explained = await Explain(widget, "text");
        explained.GetProperty("type").GetString().ShouldBe("text@1");
        explained.GetProperty("chain").EnumerateArray().Select(step =>
            (step.GetProperty("type").GetString(), step.GetProperty("isRendered").GetBoolean())).ShouldBe(
            [($"{grid}@1", false), ("card-list@1", false), ("text@1", true)]);
        (await Explain(widget, "hero")).GetProperty("type").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task Content_that_does_not_fit_is_not_bent_and_the_chain_goes_on()
    {
        var (_, widget) = await Given("""{"items": []}""");

        // A list of cards has at least one, and so has a text: nobody is shown an empty one, and others keep their places.
        (await Shown(widget, "card-list,text")).Type.ShouldBeNull();
        (await app.Anonymous.Keys("?renderers=card-list,text")).ShouldNotBeEmpty();
        var chain = (await Explain(widget, "card-list,text")).GetProperty("chain").EnumerateArray().ToList();
        chain[1].GetProperty("unfit").GetString()!.ShouldContain("/items");

        var (_, long_) = await Given($$"""{"items": [{"name": "{{new string('a', 300)}}"}]}""", skipsFirst: true);
        (await Shown(long_, "card-list,text")).Type.ShouldBe("text");
    }

    [Fact]
    public async Task A_persons_own_content_goes_the_same_way()
    {
        var grid = await GivenChain(skipsFirst: false);
        using var team = await SourceTeam.New(app, with =>
        {
            with["type"] = grid;
            with["personal"] = true;
        });
        (await team.Push(new
        {
            audience = new { userId = "ada" },
            version = 1,
            type = grid,
            content = JsonNode.Parse("""{"items": [{"name": "Yours"}]}"""),
        })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var none = JsonNode.Parse("""{"items": []}""");
        var pushed = await team.Push(new { audience = new { userId = "bob" }, version = 1, type = grid, content = none });
        pushed.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        var ada = await app.As("ada").Feed("?renderers=text");
        ada.GetRawText().ShouldContain("""{"paragraphs":["Yours"]}""");
        (await app.As("bob").Keys("?renderers=text")).ShouldNotContain(team.Widget);
        (await app.As("bob").Keys()).ShouldContain(team.Widget);
        var whyNot = await app.Admin.GetFromJsonAsync<JsonElement>("/api/home/explain?userId=bob&renderers=text");
        whyNot.GetProperty("widgets").EnumerateArray().Single(one => one.GetProperty("key").GetString() == team.Widget)
            .GetProperty("verdict").GetString().ShouldBe("nothing-to-show");
    }

    private async Task<(string Type, string Widget)> Given(string content = Content, bool skipsFirst = false)
    {
        var grid = await GivenChain(skipsFirst);
        var widget = TypeTests.NewKey();
        await app.GivenText(widget, with =>
        {
            with["type"] = grid;
            with["content"] = JsonNode.Parse(content);
        });
        return (grid, widget);
    }

    /// <summary>grid -> card-list -> text; or, with the first skipped, grid -> something longer names do not fit -> text.</summary>
    private async Task<string> GivenChain(bool skipsFirst)
    {
        var (grid, cards) = (TypeTests.NewKey(), "card-list");
        if (!skipsFirst)
        {
            var linked = await app.Admin.PatchAsJsonAsync("/api/admin/types/card-list", new
            {
                fallback = new { type = "text", mapping = new { paragraphs = new { each = "/items", to = "/title" } } },
            });
            linked.StatusCode.ShouldBe(HttpStatusCode.OK, await linked.Content.ReadAsStringAsync());
        }
        else
        {
            cards = "text";
        }

        var mapping = skipsFirst
            ? """{"paragraphs": {"each": "/items", "to": "/name"}}"""
            : """{"items": {"each": "/items", "to": {"title": "/name", "href": {"const": "/"}, "meta": "/note"}}}""";
        var made = await TypeTests.Create(app, grid, Grid, with => with["fallback"] = new JsonObject
        {
            ["type"] = cards,
            ["mapping"] = JsonNode.Parse(mapping),
        });
        made.StatusCode.ShouldBe(HttpStatusCode.Created, await made.Content.ReadAsStringAsync());
        return grid;
    }

    private async Task<(string? Type, long Version, string? Content)> Shown(string widget, string? renderers)
    {
        var feed = await app.Anonymous.Feed(renderers is null ? "" : $"?renderers={renderers}");
        foreach (var one in feed.GetProperty("widgets").EnumerateArray())
        {
            if (one.GetProperty("key").GetString() != widget) continue;
            var content = JsonNode.Parse(one.GetProperty("content").GetRawText())!.ToJsonString(new() { WriteIndented = false });
            return (one.GetProperty("type").GetString(), one.GetProperty("version").GetInt64(),
                content.Replace(",", ", ", StringComparison.Ordinal).Replace(":", ": ", StringComparison.Ordinal));
        }

        return (null, 0, null);
    }

    private async Task<JsonElement> Explain(string widget, string renderers) =>
        (await app.Admin.GetFromJsonAsync<JsonElement>($"/api/home/explain?renderers={renderers}")).GetProperty("widgets").EnumerateArray()
            .Single(one => one.GetProperty("key").GetString() == widget).GetProperty("rendering");
}

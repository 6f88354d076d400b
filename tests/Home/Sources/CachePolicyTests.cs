using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Sources;

/// <summary>A widget may narrow how long what its source says is shown, and never widen it.</summary>
public class CachePolicyTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Theory]
    [InlineData("""{"freshSeconds": 10, "staleSeconds": 20}""", 10, 30)]
    [InlineData("""{"freshSeconds": 10}""", 10, 110)]
    [InlineData("""{"staleSeconds": 0}""", 60, 60)]
    [InlineData("""{"freshSeconds": 1000, "staleSeconds": 1000}""", 60, 160)]
    public async Task The_smaller_of_both_counts(string cache, int fresh, int shown)
    {
        // A busy machine takes longer for a few requests than the second that is left.
        app.Clock.Hold();
        using var team = await SourceTeam.New(app, with => (with["cache"], with["personal"]) = (JsonNode.Parse(cache), true));
        using var ada = app.As("ada");
        await team.Push(1, "For all.", ttl: 60, stale: 100);
        await team.Push(1, "For Ada.", new { userId = "ada" }, ttl: 60, stale: 100);
        await Seen("fresh", isShown: true);

        app.Clock.Advance(TimeSpan.FromSeconds(fresh - 1));
        await Seen("fresh", isShown: true);
        app.Clock.Advance(TimeSpan.FromSeconds(shown - fresh));
        await Seen(shown == fresh ? "fresh" : "stale", isShown: true);
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        await Seen("none", isShown: false);

        async Task Seen(string state, bool isShown)
        {
            await Eventually(async () => await app.Anonymous.Says(team.Widget) == (isShown ? "For all." : null));
            (await ada.Says(team.Widget)).ShouldBe(isShown ? "For Ada." : null);
            var content = await Explained(team.Widget);
            content.GetProperty("state").GetString().ShouldBe(state);
            JsonNode.DeepEquals(Said(content), JsonNode.Parse(cache)).ShouldBeTrue(content.GetRawText());
        }
    }

    [Fact]
    public async Task It_holds_at_once_for_what_is_shown_already_and_is_kept_in_the_history()
    {
        using var team = await SourceTeam.New(app);
        await team.Push(1, "Long.", ttl: 600, stale: 600);
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Long.");
        var page = $"/admin/widgets/{team.WidgetId}";
        using var kim = await new FormBrowser(app, "kim;admin", "de").Open(page);
        kim.Words.ShouldContain("Wie lange sein Inhalt gilt");

        await kim.Send(page, "save", ("freshSeconds", "viele"));
        kim.Error("freshSeconds").ShouldBe("Eine ganze Zahl.");
        await kim.Send(page, "save", ("freshSeconds", "0"));
        kim.Error("freshSeconds").ShouldBe("Er ist 1 bis 2592000 Sekunden frisch.");
        await kim.Send(page, "save", ("freshSeconds", "10"), ("staleSeconds", "5"));

        kim.Path.ShouldEndWith("?saved=1", customMessage: kim.Words);
        kim.Value(page, "freshSeconds").ShouldBe("10");
        (await app.Anonymous.Says(team.Widget)).ShouldBeNull();
        var revisions = await app.Admin.GetStringAsync($"/api/admin/widgets/{team.WidgetId}/revisions");
        var change = JsonNode.Parse(revisions)!["revisions"]![0]!["changes"]![0]!;
        ((string)change["field"]!).ShouldBe("cache");
        await app.Admin.PostAsJsonAsync($"/api/admin/widgets/{team.WidgetId}/rollback", new { version = 1 });
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Long.");
    }

    [Fact]
    public async Task A_source_of_this_process_is_narrowed_too()
    {
        var list = await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets");
        var news = list!["widgets"]!.AsArray().Single(widget => (string)widget!["key"]! == TestSource.News)!;
        (await app.Anonymous.Says(TestSource.News)).ShouldBe("news for all");
        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{news["id"]}", new { cache = new { freshSeconds = 10, staleSeconds = 20 } });

        app.Clock.Advance(TimeSpan.FromSeconds(15));
        await Eventually(async () => (await Explained(TestSource.News)).GetProperty("state").GetString() == "stale");
        app.Clock.Advance(TimeSpan.FromSeconds(20));
        await Eventually(async () => await app.Anonymous.Says(TestSource.News) is null);

        await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{news["id"]}", new { cache = new { } });
        (await app.Anonymous.Says(TestSource.News)).ShouldBe("news for all");
    }

    [Fact]
    public async Task What_cannot_be_is_refused()
    {
        using var team = await SourceTeam.New(app);
        var own = await app.GivenText("ageless");

        var wrong = await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{team.WidgetId}", new { cache = new { staleSeconds = -1 } });
        (wrong.StatusCode, await wrong.Code()).ShouldBe((HttpStatusCode.BadRequest, "validation-failed"));
        var ageless = await app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{own["id"]}", new { cache = new { freshSeconds = 5 } });
        (ageless.StatusCode, await ageless.Code()).ShouldBe((HttpStatusCode.Conflict, "widget-without-source"));
        var request = HomeApp.Text("ageless-too");
        request["cache"] = new JsonObject { ["freshSeconds"] = 5 };
        (await (await app.Admin.PostAsJsonAsync("/api/admin/widgets", request)).Code()).ShouldBe("validation-failed");
    }

    private static JsonObject Said(JsonElement content) => new(
        JsonNode.Parse(content.GetProperty("cache").GetRawText())!.AsObject().Where(one => one.Value is not null)
            .Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value!.DeepClone())));

    private async Task<JsonElement> Explained(string key) =>
        (await app.Admin.GetFromJsonAsync<JsonElement>("/api/home/explain")).GetProperty("widgets").EnumerateArray()
            .Single(widget => widget.GetProperty("key").GetString() == key).GetProperty("content");
}

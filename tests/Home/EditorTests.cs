using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>Admins write, show and take back widgets on pages, without JavaScript and by the same rules as through the API.</summary>
public class EditorTests(EditorTests.CarefulApp app) : IClassFixture<EditorTests.CarefulApp>
{
    private const string New = "/admin/widgets/new";

    public sealed class CarefulApp : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:FourEyes:0"] = "lending";
        }
    }

    [Fact]
    public async Task A_widget_is_written_in_fields_entry_by_entry_and_then_in_the_feed()
    {
        using var kim = await new FormBrowser(app, "kim;admin").Open($"{New}?type=card-list");
        await kim.Send(
            New, "add /items", ("key", "cards"), ("titles/en", "Cards"), ("titles/de", "Karten"), ("content/items/0/title", "One"));
        kim.Value(New, "content/items/0/title").ShouldBe("One");
        await kim.Send(New, "add /items", ("content/items/1/title", "Two"), ("content/items/1/href", "/two"));
        await kim.Send(New, "up /items/1");
        await kim.Send(New, "remove /items/1");
        kim.Value(New, "content/items/0/title").ShouldBe("Two");
        // No button says this.
        await kim.Send(New, "add /items/-1/x");
        kim.Status.ShouldBe(HttpStatusCode.OK);

        await kim.Send(New, "publish", ("priority", "321"), ("slot", "top"), ("roles", "premium"));

        kim.Path.ShouldEndWith("?saved=1", customMessage: kim.Words);
        var shown = (await app.As("pia", "premium").Feed("?locale=de")).GetProperty("widgets").EnumerateArray()
            .Single(widget => widget.GetProperty("key").GetString() == "cards");
        shown.GetProperty("title").GetString().ShouldBe("Karten");
        shown.GetProperty("slot").GetString().ShouldBe("top");
        // The entry of which nothing was typed is none.
        shown.GetProperty("content").GetRawText().ShouldBe("""{"items":[{"title":"Two","href":"/two"}]}""");
        (await app.As("eve", "customer").Keys()).ShouldNotContain("cards");
    }

    [Fact]
    public async Task A_word_that_has_to_match_a_pattern_has_one_line()
    {
        using var kim = await new FormBrowser(app, "kim;admin").Open($"{New}?type=product-grid");
        await kim.Send(New, "add /items");

        kim.Html.ShouldMatch("<input[^>]* name=\"content/items/0/currency\"");
        kim.Html.ShouldNotMatch("<textarea[^>]* name=\"content/items/0/currency\"");
    }

    [Fact]
    public async Task What_is_wrong_stands_at_its_field_and_nothing_is_saved()
    {
        using var kim = await new FormBrowser(app, "kim;admin", "de").Open($"{New}?type=card-list@1");

        await kim.Send(
            New, "publish", ("key", "Bad Key"), ("titles/en", "Wrong"), ("priority", "many"), ("pin", "3"),
            ("timeZone", "Mars/Olympus"));
        kim.Status.ShouldBe(HttpStatusCode.BadRequest);
        kim.Error("priority").ShouldBe("Eine ganze Zahl.");
        kim.Error("timeZone").ShouldBe("Diese Zeitzone gibt es nicht.");
        await kim.Send(New, "publish", ("priority", "5000"), ("timeZone", "Europe/Berlin"), ("startsAt", "2026-03-29T02:30"));
        kim.Error("startsAt")!.ShouldContain("Sommerzeit");
        await kim.Send(New, "publish", ("startsAt", "2026-03-29T03:30"), ("team", "Not A Team"));
        kim.Error("key")!.ShouldContain("summer-banner");
        kim.Error("priority").ShouldBe("Eine ganze Zahl von 0 bis 1000.");
        await kim.Send(New, "publish", ("key", "wrong"), ("priority", "5"), ("endsAt", "2026-03-29T03:30"));
        kim.Error("startsAt").ShouldBe("Das Ende liegt vor dem Anfang.");
        kim.Error("team")!.ShouldContain("Wort");
        await kim.Send(New, "publish", ("team", "home"), ("endsAt", ""), ("content/items/0/href", "javascript:alert(1)"), ("rule", ""));
        kim.Status.ShouldBe(HttpStatusCode.UnprocessableEntity);
        kim.Error("content/items/0/title").ShouldBe("Fehlt.");
        kim.Error("content/items/0/href").ShouldBe("Hat nicht die richtige Form.");
        await kim.Send(
            New, "publish", ("content/items/0/href", "/x"), ("content/items/0/title", "X"), ("rule", """{"moon": "full"}"""));
        kim.Error("rule")!.ShouldContain("moon");

        (await Stored("wrong")).ShouldBeNull();
        await kim.Send(New, "publish", ("rule", """{"platform": "web"}"""));
        var stored = (await Stored("wrong"))!;
        // Half past three in Berlin, just after the clocks went forward.
        stored["schedule"]!["startsAt"]!.GetValue<DateTimeOffset>().ShouldBe(new DateTimeOffset(2026, 3, 29, 1, 30, 0, TimeSpan.Zero));
        stored["placement"]!["pin"]!.GetValue<int>().ShouldBe(3);
    }

    [Fact]
    public async Task What_was_saved_is_shown_again_and_saving_it_unchanged_changes_nothing()
    {
        var widget = await app.GivenText("again", with =>
        {
            with["titles"] = new JsonObject { ["en"] = "Again", ["fr"] = "Encore" };
            with["roles"] = new JsonArray("premium", "special");
            with["rule"] = new JsonObject { ["language"] = "fr" };
            with["schedule"] = JsonNode.Parse("""
                {"startsAt": "2026-07-01T06:00:00Z", "endsAt": "2026-12-01T07:00:00Z",
                 "hours": {"timeZone": "Europe/Berlin", "days": ["mon", "fri"], "from": "08:00", "until": "18:30"}}
                """);
            with["placement"] = new JsonObject { ["slot"] = "bottom", ["pin"] = 2 };
        });
        var page = $"/admin/widgets/{widget["id"]}";
        using var kim = await new FormBrowser(app, "kim;admin").Open(page);
        kim.Value(page, "startsAt").ShouldBe("2026-07-01T08:00");
        kim.Value(page, "endsAt").ShouldBe("2026-12-01T08:00");

        await kim.Send(page, "save");

        kim.Path.ShouldEndWith("?saved=1");
        (await Stored("again"))!.ToJsonString().ShouldBe(widget.ToJsonString());
        await kim.Send(page, "save", ("titles/fr", null), ("pin", ""));
        var changed = (await Stored("again"))!;
        changed["titles"]!.AsObject().ContainsKey("fr").ShouldBeFalse();
        changed["placement"]!["pin"].ShouldBeNull();
        changed["version"]!.GetValue<long>().ShouldBe(2);
        // Whoever still looks at what was before overwrites nothing.
        await kim.Send(page, "save", ("version", "1"), ("priority", "9"));
        kim.Status.ShouldBe(HttpStatusCode.Conflict);
        kim.Value(page, "priority").ShouldBe("9");
        (await Stored("again"))!["priority"]!.GetValue<long>().ShouldBe(100);
    }

    [Fact]
    public async Task Content_can_be_written_as_JSON_and_is_the_same_in_fields()
    {
        var widget = await app.GivenText("both-ways");
        var page = $"/admin/widgets/{widget["id"]}";
        using var kim = await new FormBrowser(app, "kim;admin").Open(page);

        await kim.Send(page, "turn", ("content/paragraphs/0", "Typed, not saved."));
        JsonNode.Parse(kim.Value(page, "json")!)!["paragraphs"]![0]!.GetValue<string>().ShouldBe("Typed, not saved.");
        await kim.Send(page, "save", ("json", "{\"paragraphs\": ["));
        kim.Error("json").ShouldBe("That is not JSON.");
        await kim.Send(page, "save", ("json", """{"paragraphs": ["One", ""]}"""));
        kim.Words.ShouldContain("/paragraphs/1 Is shorter than 1 characters.");
        await kim.Send(page, "turn", ("json", """{"paragraphs": ["One", "Two"]}"""));
        kim.Value(page, "content/paragraphs/1").ShouldBe("Two");
        await kim.Send(page, "save");

        (await app.Anonymous.Says("both-ways")).ShouldBe("One");
    }

    [Fact]
    public async Task A_sources_widget_has_its_title_its_place_and_what_stands_in_but_not_its_content()
    {
        using var team = await SourceTeam.New(app);
        var page = $"/admin/widgets/{team.WidgetId}";
        using var kim = await new FormBrowser(app, "kim;admin").Open(page);
        kim.Value(page, "titles/en").ShouldBe("Offer");
        kim.Html.ShouldNotContain("content/paragraphs/0");

        await kim.Send(page, "save", ("titles/en", "Better"), ("fallback/paragraphs/0", "Soon."), ("priority", "17"));

        kim.Path.ShouldEndWith("?saved=1", customMessage: kim.Words);
        kim.Value(page, "titles/en").ShouldBe("Better");
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Soon.");
        await kim.Send(page, "save", ("fallback/paragraphs/0", ""));
        (await app.Anonymous.Keys()).ShouldNotContain(team.Widget);

        var product = $"/admin/widgets/{(await Stored(TestSource.News))!["id"]}";
        await kim.Open(product);
        kim.Html.ShouldNotContain("titles/en");
        await kim.Send(product, "save", ("priority", "18"));
        kim.Path.ShouldEndWith("?saved=1", customMessage: kim.Words);
    }

    [Fact]
    public async Task What_is_wished_is_read_and_agreed_to_by_a_second_person_who_agrees_to_nothing_they_have_not_read()
    {
        using var kim = await new FormBrowser(app, "kim;admin").Open($"{New}?type=text");
        await kim.Send(
            New, "publish", ("key", "careful"), ("titles/en", "Careful"), ("team", "lending"), ("content/paragraphs/0", "First wish."));
        var page = kim.Path.Split('?')[0];
        kim.Words.ShouldContain("Somebody else has to agree");
        kim.Html.ShouldNotContain($"action=\"{page}/publish\"");
        using var lee = await new FormBrowser(app, "lee;admin").Open(page);
        lee.Words.ShouldContain("kim wishes this to be shown");
        await kim.Send(page, "save", ("content/paragraphs/0", "Second wish."));
        await kim.Send(page, "publish");

        await lee.Send($"{page}/publish", null);

        lee.Status.ShouldBe(HttpStatusCode.Conflict);
        (await app.Anonymous.Keys()).ShouldNotContain("careful");
        await lee.Open(page);
        await lee.Send($"{page}/publish", null);
        (await app.Anonymous.Says("careful")).ShouldBe("Second wish.");

        await kim.Open(page);
        await kim.Send(page, "save", ("content/paragraphs/0", "Third wish."));
        (await new FormBrowser(app, "lee;admin").Open("/admin/widgets?waiting=true")).Words.ShouldContain("careful");
        await lee.Open(page);
        lee.Words.ShouldContain("Second wish.");
        await lee.Send($"{page}/refuse", null);
        (await app.Anonymous.Says("careful")).ShouldBe("Second wish.");
        (await Stored("careful"))!["proposal"].ShouldBeNull();
    }

    [Fact]
    public async Task Earlier_versions_say_what_was_changed_and_lead_back()
    {
        var widget = await app.GivenText("storied");
        var page = $"/admin/widgets/{widget["id"]}";
        using var kim = await new FormBrowser(app, "kim;admin").Open(page);
        await kim.Send(page, "save", ("content/paragraphs/0", "Later."), ("priority", "55"));
        await kim.Open($"{page}/revisions");
        kim.Words.ShouldContain("Content › paragraphs › 1 before: Text of storied. now: Later.");
        kim.Words.ShouldContain("Priority before: 100 now: 55");

        await kim.Send($"{page}/rollback", null);

        kim.Path.ShouldEndWith("?saved=1");
        (await app.Anonymous.Says("storied")).ShouldBe("Text of storied.");
        await kim.Send($"{page}/archive", null);
        (await app.Anonymous.Keys()).ShouldNotContain("storied");
        await kim.Send($"{page}/restore", null);
        (await Stored("storied"))!["state"]!.GetValue<string>().ShouldBe("draft");
        await kim.Send($"{page}/publish", null);
        (await app.Anonymous.Keys()).ShouldContain("storied");
    }

    [Fact]
    public async Task The_list_is_found_by_state_team_slot_and_type()
    {
        await app.GivenText("find-one", with => with["team"] = "finders");
        await app.GivenText("find-two", with =>
        {
            with["team"] = "finders";
            with["placement"] = new JsonObject { ["slot"] = "top" };
            with["state"] = "draft";
        });

        (await Found("team=finders")).ShouldBe(["find-one", "find-two"]);
        (await Found("team=finders&slot=top")).ShouldBe(["find-two"]);
        (await Found("team=finders&state=published&type=text")).ShouldBe(["find-one"]);
        (await Found("team=finders&type=hero")).ShouldBeEmpty();
        var first = await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets?team=finders&limit=1");
        var rest = await app.Admin.GetFromJsonAsync<JsonObject>($"/api/admin/widgets?team=finders&limit=1&cursor={first!["nextCursor"]}");
        rest!["widgets"]![0]!["key"]!.GetValue<string>().ShouldBe("find-two");
        rest["nextCursor"].ShouldBeNull();
        (await app.Admin.GetAsync("/api/admin/widgets?slot=cellar")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await new FormBrowser(app, "kim;admin").Open("/admin/widgets?team=finders&slot=top")).Words.ShouldContain("find-two");
    }

    [Fact]
    public async Task The_editor_is_for_admins_and_its_forms_cannot_be_forged()
    {
        var widget = await app.GivenText("guarded");
        var page = $"/admin/widgets/{widget["id"]}";
        foreach (var path in new[] { page, New, $"{page}/revisions" })
            (await app.As("eve", "customer").GetAsync(path)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        string[] actions = ["publish", "archive", "restore", "refuse", "rollback"];
        foreach (var path in actions.Select(action => $"{page}/{action}").Append(page).Append(New))
        {
            using var empty = new FormUrlEncodedContent([new("do", "save")]);
            (await app.As("eve", "customer").PostAsync(path, empty)).StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
            using var forged = new FormUrlEncodedContent([new("do", "save")]);
            (await app.Admin.PostAsync(path, forged)).StatusCode.ShouldBe(HttpStatusCode.BadRequest, path);
        }

        (await Stored("guarded"))!.ToJsonString().ShouldBe(widget.ToJsonString());
    }

    private async Task<List<string>> Found(string query) =>
        [.. (await app.Admin.GetFromJsonAsync<JsonObject>($"/api/admin/widgets?{query}"))!["widgets"]!.AsArray()
            .Select(one => (string)one!["key"]!)];

    private async Task<JsonObject?> Stored(string key) =>
        (await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets?limit=200"))!["widgets"]!.AsArray()
            .Select(one => one!.AsObject()).SingleOrDefault(one => (string)one["key"]! == key);
}

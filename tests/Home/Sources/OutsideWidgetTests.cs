using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Sources;

/// <summary>A widget that another system fills belongs to admins in all but its content.</summary>
public class OutsideWidgetTests(OutsideWidgetTests.CarefulApp app) : IClassFixture<OutsideWidgetTests.CarefulApp>
{
    public sealed class CarefulApp : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:FourEyes:0"] = "lending";
            // Ages are shown in seconds, and a busy machine takes some for a page.
            Clock.Hold();
        }
    }

    [Fact]
    public async Task The_list_says_how_old_is_what_was_pushed()
    {
        using var team = await SourceTeam.New(app);
        (await Row(team)).ShouldContain("None yet");

        await team.Push(1, "Shown.", ttl: 60, stale: 7200);
        app.Clock.Advance(TimeSpan.FromSeconds(7));

        var row = await Row(team);
        row.ShouldContain("7 s old");
        row.ShouldNotContain("None yet");
        app.Clock.Advance(TimeSpan.FromMinutes(5));
        (await Row(team)).ShouldContain("5 min old");
        app.Clock.Advance(TimeSpan.FromHours(2));
        (await Row(team)).ShouldContain("None yet");
    }

    [Fact]
    public async Task The_list_says_how_old_is_what_only_a_segment_is_shown()
    {
        using var team = await SourceTeam.New(app);
        var segment = new { key = "germans", title = "Germans", rule = new { language = "de" } };
        (await app.Admin.PostAsJsonAsync("/api/admin/segments", segment)).StatusCode.ShouldBe(HttpStatusCode.Created);

        await team.Push(1, "Nur hier.", new { segment = "germans" });

        (await Row(team)).ShouldContain("0 s old");
    }

    [Fact]
    public async Task What_came_for_all_of_a_personal_widget_is_for_strangers_too_and_the_list_says_so()
    {
        using var team = await SourceTeam.New(app, with => with["personal"] = true);
        (await Row(team)).ShouldContain("One for each person");

        await team.Push(1, "For all.");
        await team.Push(1, "Your quote.", new { userId = "ada" });

        (await app.Anonymous.Says(team.Widget)).ShouldBe("For all.");
        var row = await Row(team);
        row.ShouldContain("0 s old");
        row.ShouldContain("Everybody");
        row.ShouldNotContain("Everybody signed in");
    }

    [Fact]
    public async Task Its_titles_are_corrected_and_rolled_back_and_its_content_is_not()
    {
        using var team = await SourceTeam.New(app);
        await team.Push(1, "Shown.");

        (await Patch(team, new { titles = new { en = "Better" } })).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await Title(team)).ShouldBe("Better");
        var content = await Patch(team, new { titles = new { en = "Worse" }, content = new { paragraphs = new[] { "Mine." } } });
        (content.StatusCode, await content.Code()).ShouldBe((HttpStatusCode.Conflict, "widget-has-source"));
        (await Title(team)).ShouldBe("Better");
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Shown.");
        var back = await app.Admin.PostAsJsonAsync($"/api/admin/widgets/{team.WidgetId}/rollback", new { version = 1 });
        back.StatusCode.ShouldBe(HttpStatusCode.OK, await back.Content.ReadAsStringAsync());
        (await Title(team)).ShouldBe("Offer");
    }

    [Fact]
    public async Task Titles_that_one_admin_wishes_are_shown_when_another_agrees()
    {
        using var team = await SourceTeam.New(app, with => (with["team"], with["state"]) = ("lending", "draft"));
        await team.Push(1, "Shown.");

        var wish = await Patch(team, new { titles = new { en = "Wished" }, state = "published" });

        wish.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var mark = (string)(await wish.Content.ReadFromJsonAsync<JsonObject>())!["proposal"]!["mark"]!;
        (await app.Anonymous.Keys()).ShouldNotContain(team.Widget);
        using var lee = app.As("lee", "admin");
        var agreed = await lee.PostAsJsonAsync($"/api/admin/widgets/{team.WidgetId}/publish", new { mark });
        agreed.StatusCode.ShouldBe(HttpStatusCode.OK, await agreed.Content.ReadAsStringAsync());
        (await Title(team)).ShouldBe("Wished");
    }

    [Fact]
    public async Task Its_key_brings_it_back_from_the_archive_with_what_was_pushed_and_not_as_another_type()
    {
        using var team = await SourceTeam.New(app);
        await team.Push(1, "Shown.");
        (await app.Admin.DeleteAsync($"/api/admin/widgets/{team.WidgetId}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Anonymous.Keys()).ShouldNotContain(team.Widget);

        var other = await Create(team, "hero");
        (other.StatusCode, await other.Code()).ShouldBe((HttpStatusCode.Conflict, "widget-key-taken"));
        var back = await Create(team, "text");

        back.StatusCode.ShouldBe(HttpStatusCode.Created, await back.Content.ReadAsStringAsync());
        ((string)(await back.Content.ReadFromJsonAsync<JsonObject>())!["id"]!).ShouldBe(team.WidgetId);
        (await Title(team)).ShouldBe("Back");
        (await app.Anonymous.Says(team.Widget)).ShouldBe("Shown.");
        (await (await Create(team, "text")).Code()).ShouldBe("widget-key-taken");
    }

    private Task<HttpResponseMessage> Create(SourceTeam team, string type) => app.Admin.PostAsJsonAsync(
        "/api/admin/widgets", new { key = "offer", source = team.Name, type, titles = new { en = "Back" }, state = "published" });

    private Task<HttpResponseMessage> Patch(SourceTeam team, object body) =>
        app.Admin.PatchAsJsonAsync($"/api/admin/widgets/{team.WidgetId}", body);

    private async Task<string> Title(SourceTeam team) => (await app.Anonymous.Feed("")).GetProperty("widgets").EnumerateArray()
        .Single(one => one.GetProperty("key").GetString() == team.Widget).GetProperty("title").GetString()!;

    private async Task<string> Row(SourceTeam team)
    {
        var page = await app.Admin.GetStringAsync($"/admin/widgets?team={team.Name}");
        return page.Split("<tr").Single(row => row.Contains($">{team.Widget}</code>", StringComparison.Ordinal));
    }
}

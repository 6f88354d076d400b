using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>What was changed can be seen and taken back, and where two have to agree, one is not enough.</summary>
public class RevisionTests(RevisionTests.CarefulApp app) : IClassFixture<RevisionTests.CarefulApp>
{
    public sealed class CarefulApp : HomeApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration["Home:FourEyes:0"] = "lending";
        }
    }

    [Fact]
    public async Task Each_change_leaves_a_revision_that_names_what_was_changed_by_whom()
    {
        var widget = await app.GivenText("history");
        await Patch(widget, new { priority = 7, roles = new[] { "premium" } }, "kim");
        await Patch(widget, new { priority = 7 }, "kim");

        var revisions = await Revisions(widget);

        revisions.Count.ShouldBe(2);
        revisions[0]!["userId"]!.GetValue<string>().ShouldBe("kim");
        var changes = revisions[0]!["changes"]!.AsArray();
        changes.Select(change => change!["field"]!.GetValue<string>()).ShouldBe(["roles", "priority"], ignoreOrder: true);
        changes.Single(change => (string)change!["field"]! == "priority")!["before"]!.GetValue<int>().ShouldBe(100);
        revisions[1]!["changes"]!.AsArray().ShouldBeEmpty();
    }

    [Fact]
    public async Task Rolling_back_is_a_change_of_its_own_and_leaves_the_state_alone()
    {
        var widget = await app.GivenText("rolled");
        await Patch(widget, new { titles = new { en = "Wrong" }, content = new { paragraphs = new[] { "Wrong." } }, priority = 9 });
        await app.Admin.PostAsync($"/api/admin/widgets/{widget["id"]}/archive", null);

        var back = await Post(widget, "rollback", new { version = 1 });

        var now = (await back.Content.ReadFromJsonAsync<JsonObject>())!;
        now["titles"]!.ToJsonString().ShouldBe(widget["titles"]!.ToJsonString());
        now["content"]!.ToJsonString().ShouldBe(widget["content"]!.ToJsonString());
        now["priority"]!.GetValue<int>().ShouldBe(100);
        now["state"]!.GetValue<string>().ShouldBe("archived");
        now["version"]!.GetValue<int>().ShouldBe(4);
        (await Code(await Post(widget, "rollback", new { version = 99 }))).ShouldBe("not-found");
        (await Code(await app.Admin.GetAsync("/api/admin/widgets/none/revisions"))).ShouldBe("not-found");
    }

    [Fact]
    public async Task What_an_admin_aimed_a_sources_widget_at_survives_a_restart_and_its_source()
    {
        var news = await Stored(TestSource.News);
        news["team"]!.GetValue<string>().ShouldBe("test");
        await Patch(news, new { priority = 3, placement = new { slot = "bottom", pin = 2 } });

        await app.Restart();

        var after = await Stored(TestSource.News);
        after["placement"]!.ToJsonString().ShouldBe("""{"slot":"bottom","pin":2}""");
        after["priority"]!.GetValue<int>().ShouldBe(3);
        after["version"]!.GetValue<int>().ShouldBe(2);
    }

    [Fact]
    public async Task Of_a_careful_team_nothing_is_shown_that_one_alone_wishes()
    {
        var created = await app.GivenText("careful", with => with["team"] = "lending");
        created["state"]!.GetValue<string>().ShouldBe("draft");
        (await app.Anonymous.Keys()).ShouldNotContain("careful");

        (await Code(await Post(created, "publish", null))).ShouldBe("second-person-needed");
        (await app.Anonymous.Keys()).ShouldNotContain("careful");
        (await Agree(created, "second")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Anonymous.Keys()).ShouldContain("careful");

        // A change of what is shown waits too, and what is shown stays until then; nor does another team's name help.
        foreach (var wish in new object[] { new { roles = new[] { "premium" } }, new { team = "home", roles = new[] { "premium" } } })
        {
            var waiting = await Patch(created, wish);
            waiting.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            (await waiting.Content.ReadFromJsonAsync<JsonObject>())!["proposal"]!["userId"]!.GetValue<string>().ShouldBe("admin");
            (await app.Anonymous.Keys()).ShouldContain("careful");
        }

        (await Agree(created, "second")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Anonymous.Keys()).ShouldNotContain("careful");
        (await app.As("pia", "premium").Keys()).ShouldContain("careful");
    }

    [Fact]
    public async Task Of_a_careful_team_one_alone_may_take_something_off()
    {
        var created = await app.GivenText("taken-off", with => with["team"] = "lending");
        await Agree(created, "second");
        (await app.Anonymous.Keys()).ShouldContain("taken-off");

        (await Post(created, "archive", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await app.Anonymous.Keys()).ShouldNotContain("taken-off");
    }

    [Fact]
    public async Task Who_changed_something_is_forgotten_and_what_was_changed_is_not()
    {
        var widget = await app.GivenText("forgotten", with => with["team"] = "lending");
        await Agree(widget, "leaver");
        await Patch(widget, new { priority = 6 }, "leaver");
        var data = app.Services.GetServices<IPersonalData>().Single(one => one.Name == "home");

        await data.Erase(new DataSubject("leaver", null, 0), CancellationToken.None);

        (await Revisions(widget)).ToJsonString().ShouldNotContain("leaver");
        (await Revisions(widget)).Count.ShouldBe(2);
        (await Stored("forgotten")).ToJsonString().ShouldNotContain("leaver");
        (await Agree(widget, "admin")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private Task<HttpResponseMessage> Patch(JsonObject widget, object body, string by = "admin") =>
        app.As(by, "admin").PatchAsJsonAsync($"/api/admin/widgets/{widget["id"]}", body);

    private Task<HttpResponseMessage> Post(JsonObject widget, string what, object? body, string by = "admin") =>
        app.As(by, "admin").PostAsJsonAsync($"/api/admin/widgets/{widget["id"]}/{what}", body ?? new { });

    private Task<HttpResponseMessage> Agree(JsonObject widget, string by) =>
        app.As(by, "admin").Agree($"/api/admin/widgets/{widget["id"]}");

    private async Task<JsonArray> Revisions(JsonObject widget) =>
        (await app.Admin.GetFromJsonAsync<JsonObject>($"/api/admin/widgets/{widget["id"]}/revisions"))!["revisions"]!.AsArray();

    private async Task<JsonObject> Stored(string key) =>
        (await app.Admin.GetFromJsonAsync<JsonObject>("/api/admin/widgets?limit=200"))!["widgets"]!.AsArray()
            .Single(one => one!["key"]!.GetValue<string>() == key)!.AsObject();

    private static async Task<string?> Code(HttpResponseMessage answer) => await answer.Code();
}

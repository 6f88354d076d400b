using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Security;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class InspectorTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task An_admin_sees_a_persons_devices_conflicts_quarantine_and_rows()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Created("tasks", Task("a"), Task("bad", projectId: new string('p', 65))));
        await phone.PushNow(Updated("tasks", Task("a", "Changed")));
        await tablet.Push(Updated("tasks", Task("a", "Blind")));
        var admin = app.NewPerson(RoleNames.Admin).NewDevice().Http;

        var found = (await admin.GetFromJsonAsync<JsonObject>($"/sync/status/{person.Id}"))!;

        ((string)found["user"]!["userId"]!).ShouldBe(person.Id);
        found["user"]!["devices"]!.AsArray().Count.ShouldBeGreaterThanOrEqualTo(1);
        ((string)found["conflicts"]!.AsArray().ShouldHaveSingleItem()!["outcome"]!).ShouldBe("refused");
        ((string)found["quarantine"]!.AsArray().ShouldHaveSingleItem()!["id"]!).ShouldBe("bad");
        var history = (await admin.GetFromJsonAsync<JsonObject>($"/sync/status/{person.Id}/rows/tasks/a/history"))!;
        history["states"]!.AsArray().Select(state => (string)state!["row"]!["title"]!).ShouldBe(["Changed", "Title"]);
    }

    [Fact]
    public async Task A_device_that_an_admin_doubts_replaces_what_it_has()
    {
        var person = app.NewPerson();
        var phone = person.NewDevice();
        await phone.Push(Created("tasks", Task("a")));
        await phone.PullAndApply();
        var admin = app.NewPerson(RoleNames.Admin).NewDevice().Http;
        var status = (await admin.GetFromJsonAsync<JsonObject>($"/sync/status/{person.Id}"))!;
        var device = (string)status["user"]!["devices"]!.AsArray().ShouldHaveSingleItem()!["device"]!;

        (await admin.PostAsync($"/sync/status/{person.Id}/devices/unknown/replace", null)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        ((string?)(await phone.PullAndApply())["experimentalStrategy"]).ShouldBeNull();
        (await admin.PostAsync($"/sync/status/{person.Id}/devices/{device}/replace", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        ((string?)(await phone.PullAndApply())["experimentalStrategy"]).ShouldBe("replacement");
        ((string?)(await phone.PullAndApply())["experimentalStrategy"]).ShouldBeNull();
    }

    [Fact]
    public async Task Nobody_else_may_and_nobody_unknown_is_found()
    {
        var person = app.NewPerson();
        await person.NewDevice().Push(Created("tasks", Task("a")));
        var own = person.NewDevice().Http;

        (await own.GetAsync($"/sync/status/{person.Id}")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await own.GetAsync($"/sync/status/{person.Id}/rows/tasks/a/history")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await own.PostAsync($"/sync/status/{person.Id}/devices/x/replace", null)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        var admin = app.NewPerson(RoleNames.Admin).NewDevice().Http;
        (await admin.GetAsync("/sync/status/nobody")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}

public class InspectorPageTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task The_page_shows_what_each_change_of_a_row_changed_and_where_it_was_made()
    {
        using var robin = await app.NewPerson();
        var row = Task("a", "Same title");
        await Push(robin, Created("tasks", row));
        row["is_completed"] = true;
        await Push(robin, Updated("tasks", row));
        await Push(robin, Deleted("tasks", "a"));
        using var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));

        await browser.Open($"/admin/sync/{robin.Id}?table=tasks&id=a");

        var states = browser.Html.Split("<ol class=\"sync-states\">")[1].Split("<li").Skip(1).ToList();
        states.Count.ShouldBe(3);
        states[0].ShouldContain("deleted, on a phone");
        states[0].ShouldContain("<code class=\"sync-session\"");
        var changed = states[1].Split("<details>")[0];
        changed.ShouldContain("changed, on a phone");
        changed.ShouldContain("is completed");
        changed.ShouldContain("yes");
        changed.ShouldNotContain("Same title");
        states[1].Split("<details>")[1].ShouldContain("Same title");
        states[2].ShouldContain("as far back as it is kept");
        states[2].ShouldNotContain("<code class=\"sync-session\"");
        browser.Html.ShouldContain("Who wrote a row first is not stored.");
    }

    /// <summary>On a phone each row is a card, so each cell says what it is of.</summary>
    [Fact]
    public async Task The_list_says_what_each_figure_is_of_and_who_has_no_device_yet()
    {
        using var robin = await app.NewPerson();
        await Push(robin, Created("tasks", Task("a"), Task("b")));
        await Push(robin, Deleted("tasks", "b"));
        using var browser = app.NewBrowser();
        await browser.Open("/login?returnUrl=/admin/sync");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));

        browser.Html.ShouldContain("class=\"table table-stacked\"");
        var row = browser.Html.Split("<tr>").Single(part => part.Contains(robin.Email));
        row.ShouldContain("data-label=\"Devices\">1<");
        row.ShouldContain("data-label=\"Deleted rows\">1<");
        row.ShouldNotContain("No device yet");
        browser.Html.Split("<tr>").Single(part => part.Contains("ada@kontor.example")).ShouldContain("No device yet");
        await browser.Open($"/admin/sync/{robin.Id}");
        browser.Html.Split("class=\"table\"").Length.ShouldBe(1);
    }

    private static async Task Push(Testing.Person person, JsonNode changes)
    {
        var pull = (await person.Client.GetFromJsonAsync<JsonObject>("/sync/pull"))!;
        using var answer = await person.Client.PostAsJsonAsync($"/sync/push?last_pulled_at={pull.Timestamp()}", new { changes });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("en", "Conflicts of the last 30 days", "The device gets everything anew with its next sync.")]
    [InlineData("de", "Konflikte der letzten 30 Tage", "bei der n")]
    public async Task The_page_leads_from_everybody_to_one_device(string language, string heading, string told)
    {
        using var robin = await app.NewPerson();
        using var pushed = await robin.Client.PostAsJsonAsync("/sync/push", new { changes = Created("tasks", Task("a", "<b>Bold</b>")) });
        using var browser = app.NewBrowser(language);
        await browser.Open("/login?returnUrl=/admin/sync");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));
        browser.Html.ShouldContain(robin.Email);

        await browser.Open($"/admin/sync/{robin.Id}?table=tasks&id=a");
        browser.Html.ShouldContain(heading);
        browser.Html.ShouldContain("&lt;b&gt;Bold&lt;/b&gt;");
        var device = browser.Html.Split("/devices/")[1].Split('/')[0];
        await browser.Submit($"/admin/sync/{robin.Id}/devices/{device}/replace");

        browser.Html.ShouldContain(told);
        await browser.Open($"/admin/sync/{robin.Id}?table=tasks&id=nothing");
        browser.Status.ShouldBe(HttpStatusCode.OK);
    }
}

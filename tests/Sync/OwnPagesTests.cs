using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Sync.Push;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class OwnPagesTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const string Home = "/account/sync";

    [Theory]
    [InlineData("en", "Not taken from your phone", "1,000,000", "off the list")]
    [InlineData("de", "Von Ihrem Telefon nicht", "1.000.000", "nicht mehr auf der Liste")]
    public async Task The_owner_sees_why_a_row_was_not_taken_and_what_it_is_and_discards_it(
        string language, string heading, string limit, string discarded)
    {
        using var robin = await app.NewPerson();
        using var browser = await BrowserOf(robin, language);
        await browser.Open("/planner");
        browser.Html.ShouldNotContain("alert-warning");
        await Push(robin, Created("tasks", Task("book", "<b>Notes</b> " + new string('x', PushReader.TextMax))));

        await browser.Open("/planner");
        browser.Html.ShouldContain("alert-warning");
        browser.Html.ShouldContain($"href=\"{Home}\"");
        await browser.Open(Home);
        browser.Html.ShouldContain(heading);
        browser.Html.ShouldContain(limit);
        browser.Html.ShouldContain("&lt;b&gt;Notes&lt;/b&gt; xxx");
        await browser.Submit($"{Home}/not-taken/tasks/book/discard");

        browser.Path.ShouldBe($"{Home}?discarded=true");
        browser.Html.ShouldContain(discarded);
        browser.Html.ShouldNotContain(heading);
    }

    [Fact]
    public async Task A_change_is_found_from_the_account_page_and_undone()
    {
        using var robin = await app.NewPerson();
        await Push(robin, Created("tasks", Task("a", "First")));
        await Push(robin, Updated("tasks", Task("a", "Second")));
        using var browser = await BrowserOf(robin);

        await browser.Open("/account");
        browser.Html.ShouldContain($"href=\"{Home}\"");
        await browser.Open(Home);
        browser.Html.ShouldContain($"href=\"{Home}/rows/tasks/a\"");
        await browser.Open($"{Home}/rows/tasks/a");
        browser.Html.ShouldContain("Second");
        var version = browser.Html.Split("name=\"version\" value=\"")[1].Split('"')[0];
        await browser.Submit($"{Home}/rows/tasks/a/revert", ("version", version));

        browser.Path.ShouldBe($"{Home}/rows/tasks/a?done=true");
        (await Title(robin, "a")).ShouldBe("First");
    }

    [Fact]
    public async Task What_was_deleted_is_brought_back_from_its_history()
    {
        using var robin = await app.NewPerson();
        await Push(robin, Created("tasks", Task("a", "Only")));
        await Push(robin, Deleted("tasks", "a"));
        using var browser = await BrowserOf(robin);

        await browser.Open($"{Home}/rows/tasks/a");
        browser.Html.ShouldContain("This is deleted");
        await browser.Submit($"{Home}/rows/tasks/a/restore");

        browser.Html.ShouldNotContain("This is deleted");
        (await Title(robin, "a")).ShouldBe("Only");
    }

    [Fact]
    public async Task Nobody_sees_or_changes_what_is_somebody_elses()
    {
        using var robin = await app.NewPerson();
        await Push(robin, Created("tasks", Task("a", "Robins"), Task("lost", "Robins too", new string('p', 65))));
        await Push(robin, Updated("tasks", Task("a", "Robins still")));
        using var eve = await app.NewPerson();
        await Push(eve, Created("tasks", Task("own"), Task("lost", "Eves", new string('p', 65))));
        using var browser = await BrowserOf(eve);

        await browser.Open(Home);
        browser.Html.ShouldNotContain("Robins");
        await browser.Open($"{Home}/rows/tasks/a");
        browser.Status.ShouldBe(HttpStatusCode.NotFound);
        await browser.Open(Home);
        await browser.Submit($"{Home}/not-taken/tasks/lost/discard");

        var left = (await robin.Client.GetFromJsonAsync<JsonObject>("/sync/quarantine"))!["rows"]!.AsArray();
        ((string)left.ShouldHaveSingleItem()!["id"]!).ShouldBe("lost");
        using var stranger = app.NewBrowser();
        await stranger.Open(Home);
        stranger.Path.ShouldStartWith("/login");
    }

    [Fact]
    public async Task Who_never_had_a_phone_is_told_what_the_page_is_for()
    {
        using var robin = await app.NewPerson();
        using var browser = await BrowserOf(robin);
        await browser.Open(Home);
        browser.Html.ShouldContain("Nothing was changed");
    }

    private async Task<Browser> BrowserOf(Testing.Person person, string language = "en")
    {
        var browser = app.NewBrowser(language);
        await browser.Open("/login");
        await browser.Submit("/login", ("email", person.Email), ("password", person.Password));
        return browser;
    }

    private static async Task Push(Testing.Person person, JsonNode changes)
    {
        var pull = (await person.Client.GetFromJsonAsync<JsonObject>("/sync/pull"))!;
        using var answer = await person.Client.PostAsJsonAsync($"/sync/push?last_pulled_at={pull.Timestamp()}", new { changes });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> Title(Testing.Person person, string id) =>
        (string)(await person.Client.GetFromJsonAsync<JsonObject>("/sync/pull"))!.Row(id)["title"]!;
}

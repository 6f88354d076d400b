using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Planner.Tests;

public class DeletedPageTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task What_was_deleted_on_the_page_is_listed_and_comes_back_to_page_and_phone()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        var task = await browser.AddTask(await browser.AddProject("Garden"), "Cut the <b>hedge</b>");
        await browser.Submit($"/planner/tasks/{task}/done");
        await browser.Submit($"/planner/tasks/{task}/delete");
        var before = (await robin.Pull()).Timestamp();

        await browser.Open("/planner/deleted");
        browser.Html.ShouldContain("Cut the &lt;b&gt;hedge&lt;/b&gt;");
        await browser.Submit($"/planner/deleted/tasks/{task}/restore");

        browser.Path.ShouldBe("/planner/deleted?restored=true");
        browser.Html.ShouldContain("It is back, on your phone too.");
        browser.Html.ShouldContain("Nothing was deleted in the last 30 days");
        var row = (await robin.Pull(before)).List("tasks", "updated").ShouldHaveSingleItem()!;
        ((string)row["id"]!).ShouldBe(task);
        ((bool)row["is_completed"]!).ShouldBeTrue();
        await browser.Open("/planner");
        browser.TaskIds().ShouldBe([task]);
        // Ticking and deleting on the page are part of the task's history too.
        var history = await robin.Client.GetStringAsync($"/sync/rows/tasks/{task}/history");
        history.Split("\"version\"").Length.ShouldBe(5);
    }

    [Fact]
    public async Task Nobody_brings_back_what_is_not_theirs()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        var task = await browser.AddTask(await browser.AddProject("Garden"), "Cut the hedge");
        await browser.Submit($"/planner/tasks/{task}/delete");
        using var stranger = await app.NewPerson();
        using var strangers = await app.BrowserOf(stranger);
        await strangers.Open("/planner/deleted");
        strangers.Html.ShouldNotContain("Cut the hedge");

        await strangers.Open("/planner");
        (await app.Forge(strangers, $"/planner/deleted/tasks/{task}/restore")).ShouldBe(HttpStatusCode.NotFound);
        (await app.Forge(strangers, "/planner/deleted/orders/1/restore")).ShouldBe(HttpStatusCode.NotFound);

        (await robin.Pull()).List("tasks", "updated").ShouldBeEmpty();
    }

    [Fact]
    public async Task The_page_speaks_German()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin, "de");
        await browser.Open("/planner/deleted");
        browser.Html.ShouldContain("30 Tage lang");
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Planner.Tests;

public class PlannerPageTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task A_stranger_is_sent_to_sign_in_and_comes_back()
    {
        using var browser = app.NewBrowser();
        await browser.Open("/planner");
        browser.Path.ShouldBe("/login?returnUrl=%2Fplanner");
    }

    [Fact]
    public async Task What_is_added_on_the_page_reaches_the_phone()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        browser.Html.ShouldContain("Nothing planned yet");
        var before = (await robin.Pull()).Timestamp();

        var project = await browser.AddProject("Garden & <b>hedge</b>");
        var task = await browser.AddTask(project, "Cut the hedge");

        browser.Html.ShouldNotContain("<b>hedge");
        var pull = await robin.Pull(before);
        var pulled = pull.List("projects", "updated").ShouldHaveSingleItem()!;
        ((string)pulled["id"]!).ShouldBe(project);
        ((string)pulled["name"]!).ShouldBe("Garden & <b>hedge</b>");
        var row = pull.List("tasks", "updated").ShouldHaveSingleItem()!;
        ((string)row["id"]!).ShouldBe(task);
        ((string)row["title"]!).ShouldBe("Cut the hedge");
        ((string)row["project_id"]!).ShouldBe(project);
        ((bool)row["is_completed"]!).ShouldBeFalse();
        ((long)row["created_at"]!).ShouldBe((long)row["updated_at"]!);
        pull.List("tasks", "deleted").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_tick_and_its_taking_back_reach_the_phone()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        var task = await browser.AddTask(await browser.AddProject("Garden"), "Cut the hedge");
        var before = await robin.Pull();

        await browser.Submit($"/planner/tasks/{task}/done");

        var ticked = await robin.Pull(before.Timestamp());
        ((bool)ticked.List("tasks", "updated").ShouldHaveSingleItem()!["is_completed"]!).ShouldBeTrue();
        ticked.List("projects", "updated").ShouldBeEmpty();

        await browser.Submit($"/planner/tasks/{task}/open");

        var open = await robin.Pull(ticked.Timestamp());
        ((bool)open.List("tasks", "updated").ShouldHaveSingleItem()!["is_completed"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task A_deletion_reaches_the_phone_and_can_be_pressed_twice()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        var project = await browser.AddProject("Garden");
        var (gone, kept) = (await browser.AddTask(project, "Cut the hedge"), await browser.AddTask(project, "Water the roses"));
        var before = (await robin.Pull()).Timestamp();

        await browser.Submit($"/planner/tasks/{gone}/delete");
        browser.TaskIds().ShouldBe([kept]);
        browser.Back();
        await browser.Submit($"/planner/tasks/{gone}/delete");

        browser.Status.ShouldBe(HttpStatusCode.OK);
        var pull = await robin.Pull(before);
        ((string)pull.List("tasks", "deleted").ShouldHaveSingleItem()!).ShouldBe(gone);
        pull.List("tasks", "updated").ShouldBeEmpty();
        // Who still has the old page open cannot tick it either.
        browser.Back();
        browser.Back();
        await browser.Submit($"/planner/tasks/{kept}/done");
        browser.Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Open_tasks_stand_before_those_that_are_done()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        var project = await browser.AddProject("Garden");
        var first = await browser.AddTask(project, "First");
        var second = await browser.AddTask(project, "Second");

        await browser.Submit($"/planner/tasks/{second}/done");

        browser.TaskIds().ShouldBe([first, second]);
        browser.Html.ShouldContain("1 open, 1 done");
    }

    [Fact]
    public async Task What_the_phone_has_stands_on_the_page_also_without_its_project()
    {
        using var robin = await app.NewPerson();
        await robin.Push(Created(
            ("projects", NewProject("p.1", "From the phone")),
            ("tasks", NewTask("t-in", "In its project", "p.1")),
            ("tasks", NewTask("t-out", "Of a project that nobody knows", "no such project"))));

        using var browser = await app.BrowserOf(robin);

        browser.ProjectIds().ShouldBe(["p.1"]);
        browser.TaskIds().ShouldBe(["t-in", "t-out"]);
        browser.Html.ShouldContain("Without a project");
        await browser.Submit("/planner/tasks/t-out/done");
        browser.Status.ShouldBe(HttpStatusCode.OK);
        await browser.Open("/planner?project=");
        browser.TaskIds().ShouldBe(["t-out"]);
    }

    [Fact]
    public async Task A_person_with_many_projects_and_tasks_reaches_them_all()
    {
        using var robin = await app.NewPerson();
        await robin.Push(Created([
            .. Enumerable.Range(10, 45).Select(i => ("projects", NewProject($"p{i}", $"Project {i}", i))),
            .. Enumerable.Range(10, 40).Select(i => ("tasks", NewTask($"t{i}", $"Task {i}", "p54", i)))]));

        using var browser = await app.BrowserOf(robin);
        var seen = browser.ProjectIds();
        browser.TaskIds().Count.ShouldBe(30);
        while (NextPage(browser) is { } next)
        {
            await browser.Open(next);
            seen.AddRange(browser.ProjectIds());
        }

        seen.ShouldBe(Enumerable.Range(10, 45).Reverse().Select(i => $"p{i}"));
        await browser.Open("/planner?project=p54");
        browser.TaskIds().ShouldBe(Enumerable.Range(10, 40).Reverse().Select(i => $"t{i}"));

        // A form leads back to what was looked at.
        await browser.Submit("/planner/tasks/t49/done?project=p54");
        browser.Path.ShouldBe("/planner?project=p54");
        browser.TaskIds().Last().ShouldBe("t49");
    }

    [Fact]
    public async Task The_front_page_follows_the_page_at_once_and_leads_to_the_tasks_project()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        var project = await browser.AddProject("Garden");
        await browser.AddTask(project, "Cut the hedge");
        await FrontPage(browser, html => html.Contains($"href=\"/planner?project={project}\"", StringComparison.Ordinal));

        await browser.Open("/planner");
        var task = await browser.AddTask(project, "Water the roses");
        await FrontPage(browser, html => html.Contains("Water the roses", StringComparison.Ordinal));

        await browser.Open("/planner");
        await browser.Submit($"/planner/tasks/{task}/done");
        await FrontPage(browser, html => !html.Contains("Water the roses", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_page_speaks_German()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin, "de");
        WebUtility.HtmlDecode(browser.Html).ShouldContain("Neues Projekt");
        await browser.Submit("/planner/projects", ("name", " "));
        WebUtility.HtmlDecode(browser.Html).ShouldContain("Ein Name hat 1 bis 200 Zeichen");
    }

    /// <summary>What is shown there is renewed in the background, by itself only every ten minutes.</summary>
    private static async Task FrontPage(Browser browser, Func<string, bool> isAsExpected)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            await browser.Open("/");
            if (isAsExpected(browser.Html)) return;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        isAsExpected(browser.Html).ShouldBeTrue(browser.Html);
    }

    private static string? NextPage(Browser browser)
    {
        var before = browser.Html.IndexOf("\" class=\"button button-secondary  \" rel=\"next\"", StringComparison.Ordinal);
        if (before < 0) return null;
        var start = browser.Html.LastIndexOf('"', before - 1) + 1;
        return WebUtility.HtmlDecode(browser.Html[start..before]);
    }

    private static JsonObject Created(params (string Table, JsonObject Row)[] rows)
    {
        var changes = new JsonObject();
        foreach (var table in rows.GroupBy(row => row.Table))
        {
            changes[table.Key] = new JsonObject
            {
                ["created"] = new JsonArray([.. table.Select(row => row.Row)]),
                ["updated"] = new JsonArray(),
                ["deleted"] = new JsonArray(),
            };
        }

        return changes;
    }

    private static JsonObject NewProject(string id, string name, long createdAt = 1) =>
        new() { ["id"] = id, ["name"] = name, ["created_at"] = createdAt, ["updated_at"] = createdAt };

    private static JsonObject NewTask(string id, string title, string projectId, long createdAt = 1) => new()
    {
        ["id"] = id,
        ["title"] = title,
        ["is_completed"] = false,
        ["project_id"] = projectId,
        ["created_at"] = createdAt,
        ["updated_at"] = createdAt,
    };
}

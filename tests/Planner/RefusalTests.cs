using System.Net;
using Kontor.Accounts;
using Kontor.Foundation;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Planner.Tests;

public class RefusalTests(KontorApp app) : IClassFixture<KontorApp>
{
    public static TheoryData<string?> NoNames => [(string?)null, "", " \t ", new string('x', 201)];

    [Theory]
    [MemberData(nameof(NoNames))]
    public async Task A_name_that_is_none_is_refused_beside_its_field(string? name)
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        var project = await browser.AddProject("Garden");
        var before = (await robin.Pull()).Timestamp();

        await browser.Submit("/planner/projects", ("name", name));
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Html.ShouldContain("""id="name-error""");
        WebUtility.HtmlDecode(browser.Html).ShouldContain($"value=\"{name}\"");
        await browser.Submit($"/planner/projects/{project}/tasks", ("title", name));
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Html.ShouldContain($"id=\"title-{project}-error\"");
        browser.Html.ShouldNotContain("""id="name-error""");

        // The refused page's form still works.
        (await robin.Pull()).Timestamp().ShouldBe(before);
        await browser.AddTask(project, "Cut the hedge");
    }

    [Fact]
    public async Task Another_persons_things_do_not_exist()
    {
        using var owner = await app.NewPerson();
        using var owners = await app.BrowserOf(owner);
        var project = await owners.AddProject("Garden");
        var task = await owners.AddTask(project, "Cut the hedge");
        var before = (await owner.Pull()).Timestamp();
        using var other = await app.NewPerson();
        var othersBefore = (await other.Pull()).Timestamp();

        using var reader = await app.BrowserOf(other);
        reader.Html.ShouldNotContain("Garden");
        foreach (var (path, fields) in new (string, (string, string?)[])[]
        {
            ($"/planner/projects/{project}/tasks", [("title", "Mine now")]),
            ($"/planner/projects/{project}/tasks", [("title", "")]),
            ($"/planner/tasks/{task}/done", []),
            ($"/planner/tasks/{task}/open", []),
            ($"/planner/tasks/{task}/delete", []),
            ("/planner/tasks/no-such-task/done", []),
            ("/planner/tasks/no-such-task/delete", []),
        })
        {
            (await app.Forge(reader, path, fields: fields)).ShouldBe(HttpStatusCode.NotFound, path);
        }

        await reader.Open($"/planner?project={project}");
        reader.Status.ShouldBe(HttpStatusCode.NotFound);
        (await owner.Pull(before)).Timestamp().ShouldBe(before);
        (await other.Pull(othersBefore)).Timestamp().ShouldBe(othersBefore);
    }

    [Fact]
    public async Task A_deleted_task_is_not_ticked()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        var task = await browser.AddTask(await browser.AddProject("Garden"), "Cut the hedge");
        await browser.Submit($"/planner/tasks/{task}/delete");
        browser.Back();
        await browser.Submit($"/planner/tasks/{task}/done");
        browser.Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("/planner/projects")]
    [InlineData("/planner/tasks/any/done")]
    [InlineData("/planner/tasks/any/delete")]
    public async Task A_form_of_another_site_is_refused(string path)
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        (await app.Forge(browser, path, token: "none", ("name", "Garden"))).ShouldBe(HttpStatusCode.BadRequest);
        (await robin.Pull()).List("projects", "updated").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_form_that_is_sent_twice_adds_one()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        await browser.Submit("/planner/projects", ("name", "Garden"));
        browser.Back();
        await browser.Submit("/planner/projects", ("name", "Garden"));
        browser.ProjectIds().ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("/planner?cursor=nonsense", HttpStatusCode.BadRequest)]
    [InlineData("/planner?cursor=eAp5", HttpStatusCode.BadRequest)]
    [InlineData("/planner?project=no-such-project", HttpStatusCode.NotFound)]
    public async Task An_address_that_no_page_gave_is_refused(string path, HttpStatusCode status)
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        await browser.Open(path);
        browser.Status.ShouldBe(status);
    }
}

/// <summary>Nobody draws versions there.</summary>
public class WithoutSyncTests(WithoutSyncTests.App app) : IClassFixture<WithoutSyncTests.App>
{
    [Fact]
    public async Task The_page_can_only_be_looked_at()
    {
        using var robin = await app.NewPerson();
        using var browser = await app.BrowserOf(robin);
        browser.Html.ShouldContain("Without Sync, projects and tasks can only be looked at.");
        browser.Html.ShouldNotContain("action=\"/planner");

        (await app.Forge(browser, "/planner/projects", fields: ("name", "Garden"))).ShouldBe(HttpStatusCode.Conflict);
    }

    public sealed class App : KontorApp
    {
        protected override IReadOnlyList<IModule> Modules => [new AccountsModule(), new PlannerModule()];
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class ConflictTests(SyncApp app) : IClassFixture<SyncApp>
{
    private async Task<(Device Phone, Device Tablet, long Seen)> GivenTwoDevicesThatSaw(params JsonObject[] tasks)
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Created("tasks", tasks));
        return (phone, tablet, (await tablet.Pull()).Timestamp());
    }

    [Fact]
    public async Task A_row_that_changed_since_the_pull_refuses_the_whole_push_and_is_named()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"), Task("b"));
        await phone.Push(Updated("tasks", Task("a", "By phone")), seen);

        var answer = await tablet.Push(
            Updated("tasks", Task("a", "By tablet"), Task("b", "By tablet")).And(Created("projects", Project("p"))), seen);

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Conflicts()).ShouldBe(["tasks/a"]);
        var pull = await tablet.Pull();
        ((string)pull.Row("a")["title"]!).ShouldBe("By phone");
        ((string)pull.Row("b")["title"]!).ShouldBe("Title");
        pull.Ids("projects").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_refused_push_does_not_move_the_counter()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Updated("tasks", Task("a", "By phone")), seen);
        var before = (await phone.Pull()).Timestamp();

        await tablet.Push(Updated("tasks", Task("a", "By tablet")), seen);

        (await phone.Pull()).Timestamp().ShouldBe(before);
    }

    [Fact]
    public async Task After_another_pull_the_push_is_taken()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Updated("tasks", Task("a", "By phone")), seen);
        await tablet.Push(Updated("tasks", Task("a", "By tablet")), seen);

        var later = (await tablet.Pull(seen)).Timestamp();
        (await tablet.Push(Updated("tasks", Task("a", "By tablet")), later)).StatusCode.ShouldBe(HttpStatusCode.OK);

        ((string)(await phone.Pull()).Row("a")["title"]!).ShouldBe("By tablet");
    }

    [Fact]
    public async Task A_repeated_push_counts_as_done_and_changes_no_version()
    {
        var device = app.NewPerson().NewDevice();
        var changes = Created("tasks", Task("a"), Task("b")).And(Created("projects", Project("p")));
        await device.Push(changes);
        var first = (await device.Pull()).Timestamp();

        (await device.Push(changes)).StatusCode.ShouldBe(HttpStatusCode.OK);

        var pull = await device.Pull(first);
        pull.Ids().ShouldBeEmpty();
        pull.Ids("projects").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_repeated_push_with_something_new_in_it_applies_that()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a"), Task("b")));

        (await device.Push(Created("tasks", Task("a"), Task("b"), Task("c")))).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await device.Pull()).Ids().ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task A_push_without_a_timestamp_overwrites_nothing()
    {
        var (_, tablet, _) = await GivenTwoDevicesThatSaw(Task("a"));

        (await tablet.Push(Updated("tasks", Task("a", "Blind")))).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_push_with_a_timestamp_from_the_future_overwrites_nothing()
    {
        var (_, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));

        (await tablet.Push(Updated("tasks", Task("a", "Blind")), seen + 1_000_000)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_deletion_of_what_was_edited_meanwhile_is_refused_then_taken()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Updated("tasks", Task("a", "Edited")), seen);

        (await tablet.Push(Deleted("tasks", "a"), seen)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await tablet.Push(Deleted("tasks", "a"), (await tablet.Pull(seen)).Timestamp())).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await phone.Pull()).Ids().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_edit_of_what_was_deleted_meanwhile_is_refused_and_the_deletion_travels()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Deleted("tasks", "a"), seen);

        (await (await tablet.Push(Updated("tasks", Task("a", "Edited")), seen)).Conflicts()).ShouldBe(["tasks/a"]);

        (await tablet.Pull(seen)).Ids("tasks", "deleted").ShouldBe(["a"]);
    }

    [Fact]
    public async Task Deleting_twice_and_deleting_the_unknown_are_done_already()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Deleted("tasks", "a"), seen);

        (await tablet.Push(Deleted("tasks", "a", "never-existed"), seen)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await tablet.Pull(seen)).Ids("tasks", "deleted").ShouldBe(["a"]);
    }

    [Fact]
    public async Task An_edit_of_an_old_deletion_sends_that_deletion_again()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"), Task("b"));
        await phone.Push(Deleted("tasks", "a"), seen);
        var later = (await tablet.Pull(seen)).Timestamp();

        var answer = await tablet.Push(Updated("tasks", Task("a", "Edited"), Task("b", "Edited")), later);

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Conflicts()).ShouldBe(["tasks/a"]);
        var pull = await tablet.Pull(later);
        pull.Ids("tasks", "deleted").ShouldBe(["a"]);
        pull.Ids().ShouldBeEmpty();
    }

    [Fact]
    public async Task Creating_an_old_deletion_anew_revives_it_without_what_it_had()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a", "Old"));
        await phone.Push(Deleted("tasks", "a"), seen);
        var later = (await tablet.Pull(seen)).Timestamp();

        var answer = await tablet.Push(Created("tasks", new JsonObject { ["id"] = "a", ["is_completed"] = true }), later);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var row = (await phone.Pull(later)).Row("a");
        ((bool)row["is_completed"]!).ShouldBeTrue();
        ((string)row["title"]!).ShouldBe("");
    }

    [Fact]
    public async Task Creating_what_was_deleted_since_the_pull_is_a_conflict()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Deleted("tasks", "a"), seen);

        (await tablet.Push(Created("tasks", Task("a", "Again")), seen)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_project_takes_its_tasks_with_it_also_those_pushed_together_with_its_deletion()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(
            Task("in", projectId: "p"), Task("moved-out", projectId: "p"), Task("other", projectId: "q"));
        await phone.Push(Created("projects", Project("p"), Project("q")), seen);
        var before = (await tablet.Pull(seen)).Timestamp();

        var answer = await tablet.Push(
            Deleted("projects", "p")
                .And(Created("tasks", Task("new", projectId: "p")))
                .And(Updated("tasks", Task("in", "Edited", "p"), Task("moved-out", projectId: "q"), Task("other", projectId: "p"))),
            before);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        var pull = await phone.Pull(before);
        pull.Ids("projects", "deleted").ShouldBe(["p"]);
        pull.Ids("tasks", "deleted").ShouldBe(["in", "new", "other"]);
        (await phone.Pull()).Ids().ShouldBe(["moved-out"]);
    }

    [Fact]
    public async Task A_projects_tasks_go_with_it_when_the_push_names_no_tasks()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("in", projectId: "p"), Task("out"));
        await phone.Push(Created("projects", Project("p")), seen);

        await tablet.Push(Deleted("projects", "p"), (await tablet.Pull(seen)).Timestamp());

        (await phone.Pull()).Ids().ShouldBe(["out"]);
    }

    [Fact]
    public async Task A_task_whose_project_is_unknown_or_deleted_is_kept()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a", projectId: "never-existed"));
        await phone.Push(Created("projects", Project("p")), seen);
        await phone.Push(Deleted("projects", "p"), (await phone.Pull(seen)).Timestamp());

        (await tablet.Push(Created("tasks", Task("b", projectId: "p")), seen)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await phone.Pull()).Ids().ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Versions_grow_while_the_clock_stands_or_goes_back()
    {
        var (phone, _, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        app.Clock.Advance(TimeSpan.FromDays(-2));
        try
        {
            await phone.Push(Updated("tasks", Task("a", "Earlier")), seen);
            (await phone.Pull(seen)).Ids().ShouldBe(["a"]);
        }
        finally
        {
            app.Clock.Advance(TimeSpan.FromDays(2));
        }
    }

    [Theory]
    [InlineData("UPDATE planner_tasks SET title = 'x' WHERE user_id = @userId")]
    [InlineData("UPDATE planner_tasks SET title = 'x', version = version WHERE user_id = @userId")]
    [InlineData("UPDATE planner_tasks SET title = 'x', version = version - 1 WHERE user_id = @userId")]
    [InlineData("UPDATE planner_tasks SET id = 'other', version = version + 1 WHERE user_id = @userId")]
    [InlineData("UPDATE planner_projects SET name = 'x' WHERE user_id = @userId")]
    [InlineData("INSERT INTO planner_tasks (user_id, id, version) VALUES (@userId, 'b', 0)")]
    [InlineData("INSERT INTO planner_tasks (user_id, id, version) VALUES (@userId, 'not an id', 5)")]
    [InlineData("UPDATE sync_users SET version = version - 1 WHERE user_id = @userId")]
    public async Task The_database_refuses_a_write_without_a_new_version(string sql)
    {
        var person = app.NewPerson();
        await person.NewDevice().Push(Created("tasks", Task("a")).And(Created("projects", Project("p"))));

        await Should.ThrowAsync<Exception>(() => app.Database.Write(tx => tx.Execute(sql, new { userId = person.Id }).AsTask()));

        ((string)(await person.NewDevice().Pull()).Row("a")["title"]!).ShouldBe("Title");
    }
}

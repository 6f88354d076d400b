using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Sync.Tombstones;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class MergeTests(SyncApp app) : IClassFixture<SyncApp>
{
    private async Task<(Device Phone, Device Tablet, long Seen)> GivenTwoDevicesThatSaw(params JsonObject[] tasks)
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Created("tasks", tasks));
        return (phone, tablet, (await tablet.Pull()).Timestamp());
    }

    /// <summary>As the client sends a row that was edited: all of it, and which columns were.</summary>
    private static JsonObject Edited(string id, string title, string? description, string changed)
    {
        var row = Task(id, title);
        row["description"] = description;
        row["_status"] = "updated";
        row["_changed"] = changed;
        return row;
    }

    [Fact]
    public async Task Changed_columns_win_and_the_others_keep_the_servers_value()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"), Task("b"));
        await phone.Push(Updated("tasks", Edited("a", "By phone", "By phone", "title,description")), seen);

        var answer = await tablet.PushMerging(
            Updated("tasks", Edited("a", "Title", "By tablet", "description"), Edited("b", "Undisturbed", null, "title")), seen);

        JsonNode.DeepEquals(answer, JsonNode.Parse("""
            {"conflicts":[{"table":"tasks","id":"a","outcome":"merged","written":["description"],"kept":["title"]}]}
            """)).ShouldBeTrue(answer.ToJsonString());
        // The row travels to the device that merged too, whose title is out of date.
        var pull = await tablet.Pull(seen);
        ((string)pull.Row("a")["title"]!, (string)pull.Row("a")["description"]!).ShouldBe(("By phone", "By tablet"));
        ((string)pull.Row("b")["title"]!).ShouldBe("Undisturbed");
    }

    [Fact]
    public async Task A_repeated_merge_changes_nothing_more()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Updated("tasks", Edited("a", "By phone", null, "title")), seen);
        var changes = Updated("tasks", Edited("a", "Title", "By tablet", "description"));
        await tablet.PushMerging(changes, seen);
        var merged = (await phone.Pull()).Timestamp();

        await tablet.PushMerging(changes, seen);

        (await phone.Pull(merged)).Ids().ShouldBeEmpty();
    }

    [Fact]
    public async Task Without_the_header_a_conflict_is_refused_as_ever()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Updated("tasks", Edited("a", "By phone", null, "title")), seen);

        var answer = await tablet.Push(Updated("tasks", Edited("a", "Title", "By tablet", "description")), seen);

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Content.ReadFromJsonAsync<JsonObject>())!["conflicts"]!.ToJsonString().ShouldBe("""[{"table":"tasks","id":"a"}]""");
    }

    [Fact]
    public async Task A_row_of_which_nothing_is_said_to_be_changed_stays_as_it_is_on_the_server()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Updated("tasks", Edited("a", "By phone", null, "title")), seen);

        var answer = await tablet.PushMerging(Updated("tasks", Task("a", "By tablet")), seen);

        answer["conflicts"]![0]!["kept"]!.ToJsonString().ShouldBe("""["title"]""");
        ((string)(await phone.Pull()).Row("a")["title"]!).ShouldBe("By phone");
    }

    [Fact]
    public async Task A_column_that_is_said_to_be_changed_and_is_not_sent_stays_as_it_is_on_the_server()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Updated("tasks", Edited("a", "By phone", "By phone", "title,description")), seen);
        var row = Edited("a", "By tablet", null, "title,description");
        row.Remove("description");

        await tablet.PushMerging(Updated("tasks", row), seen);

        var merged = (await phone.Pull()).Row("a");
        ((string?)merged["title"], (string?)merged["description"]).ShouldBe(("By tablet", "By phone"));
    }

    [Fact]
    public async Task A_deletion_wins_over_an_edit_whoever_was_first()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("edited-here"), Task("deleted-here"));
        await phone.Push(
            Deleted("tasks", "edited-here").And(Updated("tasks", Edited("deleted-here", "By phone", null, "title"))), seen);

        var answer = await tablet.PushMerging(
            Updated("tasks", Edited("edited-here", "By tablet", null, "title")).And(Deleted("tasks", "deleted-here")), seen);

        answer["conflicts"]!.AsArray().Select(one => $"{one!["id"]} {one["outcome"]}")
            .ShouldBe(["edited-here deleted", "deleted-here deleted"]);
        var pull = await tablet.Pull(seen);
        pull.Ids("tasks", "deleted").ShouldBe(["deleted-here", "edited-here"]);
        pull.Ids().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deletion_that_the_device_did_not_keep_is_told_again()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"));
        await phone.Push(Deleted("tasks", "a"), seen);
        var told = (await tablet.Pull(seen)).Timestamp();

        await tablet.PushMerging(Updated("tasks", Edited("a", "Again", null, "title")), told);

        (await tablet.Pull(told)).Ids("tasks", "deleted").ShouldBe(["a"]);
    }

    [Fact]
    public async Task What_may_have_been_deleted_and_forgotten_is_still_refused()
    {
        var (phone, tablet, seen) = await GivenTwoDevicesThatSaw(Task("a"), Task("b"));
        await phone.Push(Deleted("tasks", "a"), seen);
        app.Clock.Advance(TimeSpan.FromDays(91));
        await app.Service<TombstonePurge>().Run(CancellationToken.None);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/sync/push?last_pulled_at={seen}")
        {
            Content = JsonContent.Create(Updated("tasks", Edited("a", "Back", null, "title"))),
            Headers = { { "X-Sync-Merge", "columns" } },
        };

        using var answer = await tablet.Http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await phone.Pull()).Ids().ShouldBe(["b"]);
    }

    [Fact]
    public async Task Another_way_to_merge_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/sync/push") { Content = JsonContent.Create(new JsonObject()) };
        request.Headers.Add("X-Sync-Merge", "rows");

        using var answer = await app.NewPerson().NewDevice().Http.SendAsync(request);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task What_was_merged_is_remembered_as_that()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Created("tasks", Task("a"), Task("b")));
        var seen = (await tablet.Pull()).Timestamp();
        await phone.Push(Updated("tasks", Edited("a", "By phone", null, "title")).And(Deleted("tasks", "b")), seen);

        await tablet.PushMerging(Updated("tasks", Edited("a", "Title", "By tablet", "description"), Edited("b", "x", null, "title")), seen);

        (await app.Database.Read(tx => tx.Query<string>(
            "SELECT row_id || ' ' || outcome FROM sync_conflicts WHERE user_id = @id ORDER BY row_id", new { id = person.Id }).AsTask()))
            .ShouldBe(["a merged", "b deleted"]);
    }

    [Fact]
    public async Task Conflicts_are_remembered_the_newest_hundred_for_a_month()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Created("tasks", Task("a")));
        var seen = (await tablet.Pull()).Timestamp();
        await phone.Push(Updated("tasks", Task("a", "By phone")), seen);
        for (var i = 0; i < 105; i++)
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(5));
            await tablet.Push(Updated("tasks", Task("a", "By tablet")), seen);
        }

        (await Logged(person)).ShouldBe(100);
        app.Clock.Advance(TimeSpan.FromDays(31));
        await app.Service<TombstonePurge>().Run(CancellationToken.None);
        (await Logged(person)).ShouldBe(0);
    }

    private Task<long> Logged(Person person) => app.Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM sync_conflicts WHERE user_id = @id AND outcome = 'refused'", new { id = person.Id }).AsTask());
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

/// <summary>
/// A device did not keep a deletion that it was told of, and is told again: the deletion gets another version, and stays the same.
/// </summary>
public class ResentDeletionTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Theory]
    [InlineData("projects", "p")]
    [InlineData("tasks", "a")]
    public async Task What_was_deleted_together_comes_back_together(string table, string id)
    {
        var device = await GivenDeletedProject();

        await PushEditOf(device, table, id, merges: false);

        (await Deleted(device)).ShouldBe(["projects/p", "tasks/early"]);
        await Restore(device, "projects", "p");
        var pull = await device.Pull();
        pull.Ids("projects").ShouldBe(["p"]);
        pull.Ids().ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Merging_tells_again_and_keeps_what_is_pushed_beside_it_apart()
    {
        var device = await GivenDeletedProject();
        await device.PushNow(Created("tasks", Task("late", projectId: "p")));
        var since = (await device.Pull()).Timestamp();

        await device.PushMerging(Updated("projects", Project("p", "Edited")).And(Changes.Deleted("tasks", "late")), since);

        var pull = await device.Pull(since);
        pull.Ids("projects", "deleted").ShouldBe(["p"]);
        pull.Ids("tasks", "deleted").ShouldBe(["a", "b", "late"]);
        await Restore(device, "projects", "p");
        (await device.Pull()).Ids().ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Deletions_that_are_told_again_at_once_stay_apart()
    {
        var device = await GivenDeletedProject();
        var since = (await device.Pull()).Timestamp();
        var edits = Updated("projects", Project("p", "Edited")).And(Updated("tasks", Task("early", "Edited", "p")));

        (await device.Push(edits, since)).StatusCode.ShouldBe(HttpStatusCode.Conflict);

        (await device.Pull(since)).Ids("tasks", "deleted").ShouldBe(["a", "b", "early"]);
        await Restore(device, "projects", "p");
        (await device.Pull()).Ids().ShouldBe(["a", "b", "c"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_told_as_one_deletion_of_the_row(bool merges)
    {
        var device = await GivenDeletedProject();
        await PushEditOf(device, "tasks", "a", merges);

        (await Outcomes(device, "tasks/a")).ShouldBe(["deleted"]);

        await Restore(device, "projects", "p");
        (await Outcomes(device, "tasks/a")).ShouldBe(["brought-back", "deleted"]);
        (await Outcomes(device, "tasks/c")).ShouldBe(["changed"]);
        var history = (await device.Http.GetFromJsonAsync<JsonObject>("/sync/rows/tasks/a/history"))!["states"]!.AsArray();
        for (var i = 1; i < history.Count; i++) ((string)history[i]!["until"]!).ShouldBe((string)history[i - 1]!["at"]!);
    }

    [Fact]
    public async Task What_is_deleted_by_then_and_what_is_brought_back_are_left_alone()
    {
        var device = await GivenDeletedProject();
        var since = (await device.Pull()).Timestamp();

        // The task comes back with the push that tells of its project's deletion again.
        await device.PushMerging(Updated("projects", Project("p", "Edited")).And(Created("tasks", Task("a", "Anew", "p"))), since);

        ((string)(await device.Pull()).Row("a")["title"]!).ShouldBe("Anew");
        await Restore(device, "projects", "p");
        var pull = await device.Pull();
        pull.Ids().ShouldBe(["a", "b", "c"]);
        ((string)pull.Row("a")["title"]!).ShouldBe("Anew");
    }

    /// <summary>Project p with tasks a and b was deleted while c was changed; early, also of p, before. The device heard of it.</summary>
    private async Task<Device> GivenDeletedProject()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("projects", Project("p")).And(Created(
            "tasks", Task("a", projectId: "p"), Task("b", projectId: "p"), Task("early", projectId: "p"), Task("c"))));
        await device.PushNow(Changes.Deleted("tasks", "early"));
        await device.PushNow(Changes.Deleted("projects", "p").And(Updated("tasks", Task("c", "Changed"))));
        return device;
    }

    private static async Task PushEditOf(Device device, string table, string id, bool merges)
    {
        var since = (await device.Pull()).Timestamp();
        var edit = Updated(table, table == "tasks" ? Task(id, "Edited", "p") : Project(id, "Edited"));
        if (merges) await device.PushMerging(edit, since);
        else (await device.Push(edit, since)).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await device.Pull(since)).Ids(table, "deleted").ShouldContain(id);
    }

    private static async Task<List<string>> Deleted(Device device) =>
        [.. (await device.Http.GetFromJsonAsync<JsonObject>("/sync/deleted"))!["rows"]!.AsArray()
            .Select(row => $"{row!["table"]}/{row["id"]}").Order(StringComparer.Ordinal)];

    private static async Task<List<string>> Outcomes(Device device, string row) =>
        [.. (await device.Http.GetFromJsonAsync<JsonObject>("/sync/changes"))!["changes"]!.AsArray()
            .Where(change => $"{change!["table"]}/{change["id"]}" == row).Select(change => (string)change!["outcome"]!)];

    private static async Task Restore(Device device, string table, string id)
    {
        using var answer = await device.Http.PostAsync($"/sync/deleted/{table}/{id}/restore", null);
        answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }
}

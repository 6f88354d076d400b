using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Sync.History;
using Kontor.Sync.Tombstones;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class HistoryTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task An_owner_sees_what_a_row_was_before_each_change()
    {
        var device = app.NewPerson().NewDevice();
        var row = Task("a", "First");
        row["is_completed"] = true;
        await device.Push(Created("tasks", row));
        await device.PushNow(Updated("tasks", Task("a", "Second")));
        await device.PushNow(Changes.Deleted("tasks", "a"));

        var states = await States(device, "a");

        states.Select(state => $"{state["row"]!["title"]} {state["row"]!["is_completed"]} {state["isDeleted"]}")
            .ShouldBe(["Second false true", "Second false false", "First true false"]);
        JsonNode.DeepEquals(states[2]["row"], Without(row, "id")).ShouldBeTrue(states[2]["row"]!.ToJsonString());
        states[0]["until"].ShouldBeNull();
        ((string)states[2]["until"]!).ShouldBe((string)states[1]["at"]!);
    }

    [Fact]
    public async Task Each_state_names_who_made_it()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Created("tasks", Task("a", "First")));
        await tablet.PushNow(Updated("tasks", Task("a", "Second")));
        await phone.PushNow(Changes.Deleted("tasks", "a"));
        await Restore(tablet, "tasks", "a");
        var first = (long)(await States(phone, "a"))[^1]["version"]!;
        await phone.Http.PostAsync($"/sync/rows/tasks/a/history/{first}/restore", null);
        await app.Service<RowHistory>().Revert((person.Id, ""), "tasks", "a", first, CancellationToken.None);

        var states = await States(phone, "a");

        // The last was made on a page, and of the first nothing is kept but what it was.
        states.Select(state => $"{state["changedOn"]} {state["changedBy"]}".TrimEnd()).ShouldBe(
        [
            "page", $"device {phone.Session}", $"device {tablet.Session}", $"device {phone.Session}", $"device {tablet.Session}", "unknown",
        ]);
    }

    /// <summary>A product that keeps no states wrote it in between.</summary>
    [Fact]
    public async Task Whoever_changed_what_a_state_was_not_kept_of_did_not_make_it()
    {
        var person = app.NewPerson();
        var phone = person.NewDevice();
        await phone.Push(Created("tasks", Task("a", "First")));
        await phone.PushNow(Updated("tasks", Task("a", "Second")));
        await app.Database.Write(async tx =>
        {
            var version = await app.Service<ISyncVersions>().Draw(tx, person.Id);
            await tx.Execute("UPDATE planner_tasks SET version = @version WHERE user_id = @Id AND id = 'a'", new { person.Id, version });
        });

        (await States(phone, "a")).Select(state => (string)state["changedOn"]!).ShouldBe(["unknown", "unknown"]);
    }

    [Fact]
    public async Task A_row_that_is_written_once_costs_nothing()
    {
        var person = app.NewPerson();

        await person.NewDevice().Push(Created("tasks", Task("a"), Task("b")));
        await person.NewDevice().Push(Created("tasks", Task("a"), Task("b")));

        (await Kept(person)).ShouldBe(0);
    }

    [Fact]
    public async Task Only_the_newest_states_of_a_row_are_kept_and_none_for_long()
    {
        var person = app.NewPerson();
        var device = person.NewDevice();
        for (var i = 0; i < 25; i++) await device.PushNow(Updated("tasks", Task("a", $"Number {i}")));

        var states = await States(device, "a");
        states.Count.ShouldBe(RowHistory.StatesMax + 1);
        ((string)states[^1]["row"]!["title"]!).ShouldBe("Number 4");

        app.Clock.Advance(TimeSpan.FromDays(31));
        await app.Service<TombstonePurge>().Run(CancellationToken.None);
        (await States(device, "a")).ShouldHaveSingleItem();
        (await Kept(person)).ShouldBe(0);
    }

    [Fact]
    public async Task Of_a_long_state_only_the_time_is_kept()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a", new string('x', RowHistory.ContentMax))));
        await device.PushNow(Updated("tasks", Task("a", "Short")));

        var states = await States(device, "a");

        states.Count.ShouldBe(2);
        states[1]["row"].ShouldBeNull();
    }

    [Fact]
    public async Task A_deleted_row_comes_back_on_every_device()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        var row = Task("a", "Kept", "p");
        await phone.Push(Created("tasks", row));
        await phone.PushNow(Changes.Deleted("tasks", "a"));
        await phone.PushNow(Created("tasks", Task("later")));
        var since = (await tablet.Pull()).Timestamp();

        var deleted = (await Deleted(phone)).ShouldHaveSingleItem();
        $"{deleted["table"]} {deleted["id"]} {deleted["title"]}".ShouldBe("tasks a Kept");
        (await Restore(phone, "tasks", "a")).ShouldBe(HttpStatusCode.NoContent);

        JsonNode.DeepEquals((await tablet.Pull(since)).Row("a"), row).ShouldBeTrue();
        (await Deleted(phone)).ShouldBeEmpty();
        var again = (await phone.Pull()).Timestamp();
        var states = await States(phone, "a");
        states.Select(state => (bool)state["isDeleted"]!).ShouldBe([false, true, false]);
        (await Restore(phone, "tasks", "a")).ShouldBe(HttpStatusCode.NoContent);
        (await tablet.Pull(again)).Timestamp().ShouldBe(again);
        (await States(phone, "a")).Count.ShouldBe(states.Count);
    }

    [Fact]
    public async Task A_project_comes_back_with_what_went_with_it_and_nothing_else()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("projects", Project("p"), Project("q"))
            .And(Created("tasks", Task("a", projectId: "p"), Task("b", projectId: "p")))
            .And(Created("tasks", Task("early", projectId: "p"), Task("c", projectId: "q"))));
        await device.PushNow(Changes.Deleted("tasks", "early"));
        await device.PushNow(Changes.Deleted("projects", "p", "q"));

        (await Deleted(device)).Select(row => $"{row["table"]}/{row["id"]}").ShouldBe(["projects/p", "projects/q", "tasks/early"]);
        (await Restore(device, "projects", "p")).ShouldBe(HttpStatusCode.NoContent);

        var pull = await device.Pull();
        pull.Ids("projects").ShouldBe(["p"]);
        pull.Ids().ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task What_others_deleted_at_the_same_moment_under_the_same_ids_brings_nothing_back()
    {
        var (one, other) = (app.NewPerson(), app.NewPerson());
        var (ada, eve) = (one.NewDevice(), other.NewDevice());
        foreach (var device in new[] { ada, eve })
            await device.Push(Created("projects", Project("p")).And(Created("tasks", Task("a", projectId: "p"))));
        await ada.PushNow(Changes.Deleted("tasks", "a"));
        foreach (var device in new[] { ada, eve }) await device.PushNow(Changes.Deleted("projects", "p"));
        var version = app.Clock.GetUtcNow().ToUnixTimeMilliseconds() + 60_000;
        await app.Database.Write(async tx =>
        {
            await tx.Execute("UPDATE planner_projects SET version = @version WHERE user_id = @Id AND id = 'p'", new { version, one.Id });
            await tx.Execute("UPDATE planner_tasks SET version = @version WHERE user_id = @Id AND id = 'a'", new { version, other.Id });
            await tx.Execute("UPDATE sync_users SET version = @version WHERE user_id = @Id", new { version, one.Id });
        });

        (await Restore(ada, "projects", "p")).ShouldBe(HttpStatusCode.NoContent);

        (await ada.Pull()).Ids().ShouldBeEmpty();
        (await eve.Pull()).Ids("projects").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_went_with_its_project_remembers_what_it_was_and_who_deleted_it()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("projects", Project("p")).And(Created("tasks", Task("a", "In it", "p"))));
        await device.PushNow(Changes.Deleted("projects", "p"));

        var states = await States(device, "a");

        states.Select(state => (bool)state["isDeleted"]!).ShouldBe([true, false]);
        ((string)states[1]["row"]!["title"]!).ShouldBe("In it");
        ((string?)states[0]["changedBy"]).ShouldBe(device.Session);
    }

    [Fact]
    public async Task A_product_is_told_of_what_comes_back()
    {
        var person = app.NewPerson();
        var device = person.NewDevice();
        await device.Push(Created("tasks", Task("a")));
        await device.PushNow(Changes.Deleted("tasks", "a"));
        var told = 0;
        using var subscription = app.Service<Signals>().Subscribe(WidgetStale.Channel, payload =>
        {
            if (WidgetStale.Read(payload).UserId == person.Id) Interlocked.Increment(ref told);
        });

        (await Restore(device, "tasks", "a")).ShouldBe(HttpStatusCode.NoContent);

        Volatile.Read(ref told).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Pages_of_what_was_deleted_are_followed_by_their_cursor()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a"), Task("b"), Task("c")).And(Created("projects", Project("p"), Project("q"))));
        await device.PushNow(Changes.Deleted("tasks", "b"));
        await device.PushNow(Changes.Deleted("tasks", "a", "c").And(Changes.Deleted("projects", "p", "q")));
        var found = new List<string>();
        string? cursor = null;
        do
        {
            var more = cursor is null ? "" : $"&cursor={cursor}";
            var page = (await device.Http.GetFromJsonAsync<JsonObject>($"/sync/deleted?limit=1{more}"))!;
            found.Add((string)page["rows"]!.AsArray().ShouldHaveSingleItem()!["id"]!);
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);

        found.ShouldBe(["p", "q", "a", "c", "b"]);
    }

    [Fact]
    public async Task After_30_days_it_is_too_late()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a")));
        await device.PushNow(Changes.Deleted("tasks", "a"));

        app.Clock.Advance(TimeSpan.FromDays(31));

        (await Deleted(device)).ShouldBeEmpty();
        (await Restore(device, "tasks", "a")).ShouldBe(HttpStatusCode.Conflict);
        (await device.Pull()).Ids().ShouldBeEmpty();
    }

    [Fact]
    public async Task Somebody_elses_rows_and_unknown_ones_do_not_exist()
    {
        var (ada, eve) = (app.NewPerson().NewDevice(), app.NewPerson().NewDevice());
        await ada.Push(Created("tasks", Task("a")));
        await ada.PushNow(Changes.Deleted("tasks", "a"));

        (await Deleted(eve)).ShouldBeEmpty();
        (await Restore(eve, "tasks", "a")).ShouldBe(HttpStatusCode.NotFound);
        (await Restore(eve, "unicorns", "a")).ShouldBe(HttpStatusCode.NotFound);
        (await eve.Http.GetAsync("/sync/rows/tasks/a/history")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ada.Http.GetAsync("/sync/rows/unicorns/a/history")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ada.Http.GetAsync("/sync/deleted?cursor=x")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await ada.Pull()).Ids().ShouldBeEmpty();
    }

    private static async Task<List<JsonNode>> States(Device device, string id)
    {
        var history = await device.Http.GetFromJsonAsync<JsonObject>($"/sync/rows/tasks/{id}/history");
        return [.. history!["states"]!.AsArray().Select(state => state!)];
    }

    private static async Task<List<JsonNode>> Deleted(Device device) =>
        [.. (await device.Http.GetFromJsonAsync<JsonObject>("/sync/deleted"))!["rows"]!.AsArray().Select(row => row!)];

    private static async Task<HttpStatusCode> Restore(Device device, string table, string id)
    {
        using var answer = await device.Http.PostAsync($"/sync/deleted/{table}/{id}/restore", null);
        return answer.StatusCode;
    }

    private Task<long> Kept(Person person) => app.Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM sync_history WHERE user_id = @id", new { id = person.Id }).AsTask());

    private static JsonObject Without(JsonObject row, string column)
    {
        row.Remove(column);
        return row;
    }
}

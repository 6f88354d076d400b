using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Sync.History;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

/// <summary>What changed lately, and how a row becomes again what it was.</summary>
public class ChangesTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task An_owner_sees_what_changed_on_any_device_the_last_first()
    {
        var person = app.NewPerson();
        var phone = person.NewDevice();
        await phone.Push(Created("tasks", Task("a", "First"), Task("b", "Other"), Task("c", "Untouched")));
        await phone.PushNow(Updated("tasks", Task("a", "Second")));
        await phone.PushNow(Changes.Deleted("tasks", "b"));
        await phone.Http.PostAsync("/sync/deleted/tasks/b/restore", null);
        await phone.PushNow(Changes.Deleted("tasks", "a"));

        var changes = await List(person.NewDevice());

        changes.Select(change => $"{change["table"]}/{change["id"]} {change["title"]} {change["outcome"]}").ShouldBe(
            ["tasks/a Second deleted", "tasks/b Other brought-back", "tasks/b Other deleted", "tasks/a Second changed"]);
        changes.Select(change => change["changedBy"] is null).ShouldBe([false, false, false, false]);
        (await List(app.NewPerson().NewDevice())).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_change_has_the_title_that_it_gave_the_row_and_the_one_before_where_it_took_it_away()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a", "Buy a map")));
        await device.PushNow(Updated("tasks", Task("a", "B")));
        await device.PushNow(Updated("tasks", Task("a", " ")));
        await device.PushNow(Updated("tasks", Task("a", "Long" + new string('x', RowHistory.ContentMax))));
        await device.PushNow(Updated("tasks", Task("a", "Buy a map again")));

        (await List(device)).Select(change => ((string)change["title"]!)[..Math.Min(20, ((string)change["title"]!).Length)])
            .ShouldBe(["Buy a map again", " ", "B", "B"]);
        await device.PushNow(Updated("tasks", Task("a", "Long" + new string('x', RowHistory.ContentMax))));
        ((string)(await List(device))[0]["title"]!).ShouldBe("Long" + new string('x', 76) + "…");
    }

    [Fact]
    public async Task Pages_of_changes_are_followed_by_their_cursor_also_within_one_push()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a"), Task("b"), Task("c")).And(Created("projects", Project("p"))));
        await device.PushNow(Updated("tasks", Task("b", "Second")));
        await device.PushNow(Updated("tasks", Task("a", "Second"), Task("b", "Third"), Task("c", "Second"))
            .And(Updated("projects", Project("p", "Second"))));

        (await List(device, limit: 1)).Select(change => $"{change["table"]}/{change["id"]}")
            .ShouldBe(["projects/p", "tasks/a", "tasks/b", "tasks/c", "tasks/b"]);
        (await device.Http.GetAsync("/sync/changes?cursor=x")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task After_30_days_nothing_is_told_of_it()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a")));
        await device.PushNow(Updated("tasks", Task("a", "Second")));
        (await List(device)).Count.ShouldBe(1);

        app.Clock.Advance(TimeSpan.FromDays(31));

        (await List(device)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_row_becomes_again_what_it_was_and_every_device_hears_of_it()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        var first = Task("a", "First");
        first["is_completed"] = true;
        first["description"] = "With \"quotes\" and 📦";
        await phone.Push(Created("tasks", first));
        await phone.PushNow(Updated("tasks", Task("a", "Second")));
        await phone.PushNow(Updated("tasks", Task("a", "Third")));
        var since = (await tablet.Pull()).Timestamp();

        (await Revert(phone, "a", await VersionOf(phone, "a", "First"))).ShouldBe(HttpStatusCode.NoContent);

        JsonNode.DeepEquals((await tablet.Pull(since)).Row("a"), first).ShouldBeTrue();
        // That can be undone as well.
        (await Revert(phone, "a", await VersionOf(phone, "a", "Third"))).ShouldBe(HttpStatusCode.NoContent);
        ((string)(await tablet.Pull(since)).Row("a")["title"]!).ShouldBe("Third");
    }

    [Fact]
    public async Task A_deleted_row_comes_back_as_it_was_then()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a", "First")));
        await device.PushNow(Updated("tasks", Task("a", "Second")));
        var first = await VersionOf(device, "a", "First");
        await device.PushNow(Changes.Deleted("tasks", "a"));

        (await Revert(device, "a", first)).ShouldBe(HttpStatusCode.NoContent);

        ((string)(await device.Pull()).Row("a")["title"]!).ShouldBe("First");
    }

    [Fact]
    public async Task A_product_is_told_of_what_becomes_again_what_it_was()
    {
        var person = app.NewPerson();
        var device = person.NewDevice();
        await device.Push(Created("tasks", Task("a", "First")));
        await device.PushNow(Updated("tasks", Task("a", "Second")));
        var first = await VersionOf(device, "a", "First");
        var told = 0;
        using var subscription = app.Service<Signals>().Subscribe(WidgetStale.Channel, payload =>
        {
            if (WidgetStale.Read(payload).UserId == person.Id) Interlocked.Increment(ref told);
        });

        (await Revert(device, "a", first)).ShouldBe(HttpStatusCode.NoContent);

        Volatile.Read(ref told).ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_phone_that_edits_meanwhile_is_told_of_the_conflict()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a", "First")));
        await device.PushNow(Updated("tasks", Task("a", "Second")));
        var seen = (await device.Pull()).Timestamp();

        await Revert(device, "a", await VersionOf(device, "a", "First"));

        using var answer = await device.Push(Updated("tasks", Task("a", "Third")), seen);
        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task What_was_never_so_or_is_not_kept_does_not_come_back()
    {
        var (ada, eve) = (app.NewPerson().NewDevice(), app.NewPerson().NewDevice());
        await ada.Push(Created("tasks", Task("a", new string('x', RowHistory.ContentMax)), Task("b")));
        await ada.PushNow(Updated("tasks", Task("a", "Short"), Task("b", "Second")));
        await ada.PushNow(Changes.Deleted("tasks", "b"));
        await ada.Http.PostAsync("/sync/deleted/tasks/b/restore", null);
        var states = (await ada.Http.GetFromJsonAsync<JsonObject>("/sync/rows/tasks/b/history"))!["states"]!.AsArray();
        var (now, gone, second) = ((long)states[0]!["version"]!, (long)states[1]!["version"]!, (long)states[2]!["version"]!);
        var tooLong = (long)(await ada.Http.GetFromJsonAsync<JsonObject>("/sync/rows/tasks/a/history"))!["states"]![1]!["version"]!;
        var before = (await ada.Pull()).Timestamp();

        (await Revert(ada, "a", tooLong)).ShouldBe(HttpStatusCode.Conflict);
        (await Revert(ada, "b", gone)).ShouldBe(HttpStatusCode.NotFound);
        (await Revert(ada, "b", now + 1)).ShouldBe(HttpStatusCode.NotFound);
        (await Revert(eve, "b", second)).ShouldBe(HttpStatusCode.NotFound);
        using var unknown = await ada.Http.PostAsync($"/sync/rows/unicorns/b/history/{second}/restore", null);
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);

        (await ada.Pull()).Timestamp().ShouldBe(before);
        app.Clock.Advance(TimeSpan.FromDays(31));
        (await Revert(ada, "b", second)).ShouldBe(HttpStatusCode.NotFound);
    }

    private static async Task<List<JsonNode>> List(Device device, int limit = 20)
    {
        var found = new List<JsonNode>();
        string? cursor = null;
        do
        {
            var more = cursor is null ? "" : $"&cursor={cursor}";
            var page = (await device.Http.GetFromJsonAsync<JsonObject>($"/sync/changes?limit={limit}{more}"))!;
            page["changes"]!.AsArray().Count.ShouldBeLessThanOrEqualTo(limit);
            found.AddRange(page["changes"]!.AsArray().Select(change => change!));
            cursor = (string?)page["nextCursor"];
        }
        while (cursor is not null);
        return found;
    }

    /// <summary>The newest with this title.</summary>
    private static async Task<long> VersionOf(Device device, string id, string title)
    {
        var history = (await device.Http.GetFromJsonAsync<JsonObject>($"/sync/rows/tasks/{id}/history"))!;
        return (long)history["states"]!.AsArray().First(state => (string?)state!["row"]?["title"] == title)!["version"]!;
    }

    private static async Task<HttpStatusCode> Revert(Device device, string id, long version)
    {
        using var answer = await device.Http.PostAsync($"/sync/rows/tasks/{id}/history/{version}/restore", null);
        return answer.StatusCode;
    }
}

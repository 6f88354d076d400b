using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Sync.Push;
using Kontor.Sync.Quarantine;
using Kontor.Sync.Tombstones;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class QuarantineTests(SyncApp app) : IClassFixture<SyncApp>
{
    private static readonly string TooLong = new('x', PushReader.TextMax + 1);

    [Fact]
    public async Task A_row_that_cannot_be_taken_is_seen_by_its_owner_and_holds_up_no_other()
    {
        var person = app.NewPerson();
        var device = person.NewDevice();

        var answer = await device.Push(Created("tasks", Task("book", TooLong), Task("note")));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("""{"experimentalRejectedIds":{"tasks":["book"]}}""");
        (await device.Pull()).Ids().ShouldBe(["note"]);
        var row = (await Quarantine(person.NewDevice())).ShouldHaveSingleItem();
        string.Join('|', row["table"], row["id"], row["column"], row["reason"]).ShouldBe("tasks|book|title|text-too-long");
        ((string)row["content"]!["title"]!).ShouldStartWith("xxx");
        ((string)row["content"]!["title"]!).Length.ShouldBeLessThan(1000);
        ((long)row["content"]!["created_at"]!).ShouldBe(1_700_000_000_000);
    }

    [Fact]
    public async Task A_parent_longer_than_any_id_is_no_reason_to_be_stuck()
    {
        var device = app.NewPerson().NewDevice();
        // Random, because PostgreSQL would compress anything else until its index takes it.
        var parent = Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(20_000));
        var longest = new string('p', 64);

        var answer = await device.Push(Created("tasks", Task("lost", projectId: parent), Task("note", projectId: longest)));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        (await device.Pull()).Ids().ShouldBe(["note"]);
        var row = (await Quarantine(device)).ShouldHaveSingleItem();
        $"{row["column"]} {row["reason"]}".ShouldBe("project_id parent-too-long");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_row_leaves_when_it_is_taken_or_deleted_on_the_device(bool isDeleted)
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("book", TooLong), Task("other", TooLong)));

        await device.Push(isDeleted ? Deleted("tasks", "book") : Created("tasks", Task("book", "Shorter")));

        ((string)(await Quarantine(device)).ShouldHaveSingleItem()["id"]!).ShouldBe("other");
        (await device.Pull()).Ids().ShouldBe(isDeleted ? [] : ["book"]);
    }

    [Fact]
    public async Task A_refused_push_puts_nothing_into_quarantine()
    {
        var person = app.NewPerson();
        await person.NewDevice().Push(Created("tasks", Task("a")));
        var device = person.NewDevice();

        var answer = await device.Push(Updated("tasks", Task("a", "Blind"), Task("book", TooLong)));

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await Quarantine(device)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_owner_discards_a_row_and_nobody_elses()
    {
        var (ada, eve) = (app.NewPerson().NewDevice(), app.NewPerson().NewDevice());
        await ada.Push(Created("tasks", Task("book", TooLong)));

        (await eve.Http.DeleteAsync("/sync/quarantine/tasks/book")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Quarantine(eve)).ShouldBeEmpty();
        (await Quarantine(ada)).Count.ShouldBe(1);
        (await ada.Http.DeleteAsync("/sync/quarantine/tasks/book")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await Quarantine(ada)).ShouldBeEmpty();
        (await ada.Http.DeleteAsync("/sync/quarantine/tasks/book")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Only_the_newest_of_many_rows_are_kept()
    {
        var person = app.NewPerson();
        var device = person.NewDevice();
        var parent = new string('p', 65);
        await device.Push(Created("tasks", [.. Enumerable.Range(0, 60).Select(i => Task($"old{i}", projectId: parent))]));
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await device.Push(Created("tasks", [.. Enumerable.Range(0, 60).Select(i => Task($"new{i}", projectId: parent))]));

        var kept = (await Quarantine(device)).Select(row => (string)row["id"]!).ToList();

        kept.Count.ShouldBe(QuarantinedRows.RowsMax);
        kept.Count(id => id.StartsWith("new", StringComparison.Ordinal)).ShouldBe(60);
        var stored = await app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM sync_quarantine WHERE user_id = @id", new { id = person.Id }).AsTask());
        stored.ShouldBe(QuarantinedRows.RowsMax);
    }

    [Fact]
    public async Task A_row_that_no_device_pushes_any_more_is_forgotten()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("book", TooLong)));
        await app.Service<TombstonePurge>().Run(CancellationToken.None);
        (await Quarantine(device)).Count.ShouldBe(1);

        app.Clock.Advance(TimeSpan.FromDays(31));
        await app.Service<TombstonePurge>().Run(CancellationToken.None);

        (await Quarantine(device)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_row_that_is_pushed_again_tells_when_it_was_first_and_is_cut_between_characters()
    {
        var device = app.NewPerson().NewDevice();
        // The cut would fall into the middle of the last one.
        var title = new string('x', 299) + string.Concat(Enumerable.Repeat("📦", 500_000));
        await device.Push(Created("tasks", Task("book", TooLong)));
        app.Clock.Advance(TimeSpan.FromHours(1));

        await device.Push(Created("tasks", Task("book", title)));

        var row = (await Quarantine(device)).ShouldHaveSingleItem();
        ((DateTimeOffset)row["lastAt"]! - (DateTimeOffset)row["firstAt"]!).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromHours(1));
        ((string)row["content"]!["title"]!).ShouldBe(new string('x', 299) + "…");
    }

    private static async Task<List<JsonNode>> Quarantine(Device device) =>
        [.. (await device.Http.GetFromJsonAsync<JsonObject>("/sync/quarantine"))!["rows"]!.AsArray().Select(row => row!)];
}

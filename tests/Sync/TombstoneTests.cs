using System.Net;
using System.Text.Json.Nodes;
using Kontor.Sync.Tombstones;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

/// <summary>Deletions are forgotten after 90 days; nobody may keep a row because of that.</summary>
public class TombstoneTests(SyncApp app) : IClassFixture<SyncApp>
{
    private Task Purge() => app.Service<TombstonePurge>().Run(CancellationToken.None);

    private async Task Later(int days)
    {
        app.Clock.Advance(TimeSpan.FromDays(days));
        await Purge();
    }

    [Fact]
    public async Task A_deletion_is_kept_for_ninety_days_and_then_forgotten()
    {
        var (phone, seen) = await GivenDeletion(app.NewPerson());

        await Later(89);
        (await phone.Pull(seen)).Ids("tasks", "deleted").ShouldBe(["b"]);
        (await phone.Pull(seen)).ContainsKey("experimentalStrategy").ShouldBeFalse();

        await Later(2);
        (await phone.Pull(seen)).Ids("tasks", "deleted").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_device_that_was_away_longer_gets_everything_as_a_replacement()
    {
        var person = app.NewPerson();
        var tablet = person.NewDevice();
        var (phone, _) = await GivenDeletion(person, tablet);
        await Later(91);
        await person.NewDevice().Push(Created("tasks", Task("c")));

        var pull = await tablet.PullAndApply();

        ((string)pull["experimentalStrategy"]!).ShouldBe("replacement");
        pull.Ids().ShouldBe(["a", "c"]);
        tablet.Rows.Keys.Select(key => key.Id).ShouldBe(["a", "c"]);
        (await phone.Pull(tablet.LastPulledAt)).ContainsKey("experimentalStrategy").ShouldBeFalse();
    }

    [Fact]
    public async Task A_replacement_is_never_a_page()
    {
        var person = app.NewPerson();
        var (phone, seen) = await GivenDeletion(person);
        for (var i = 0; i < 5; i++) await phone.Push(Created("tasks", Task($"c{i}")));
        await Later(91);

        var pull = await phone.Pull(seen, "&limit=2");

        pull.Ids().Count.ShouldBe(6);
        ((bool)pull["has_more"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task A_first_sync_in_pages_goes_on_below_the_floor()
    {
        var person = app.NewPerson();
        var phone = person.NewDevice();
        for (var i = 0; i < 6; i++) await phone.Push(Created("tasks", Task($"t{i}")));
        await phone.Push(Deleted("tasks", "t0", "t5"), (await phone.Pull()).Timestamp());
        await Later(91);
        var tablet = person.NewDevice();

        var first = await tablet.PullAndApply(limit: 2);
        ((bool)first["has_more"]!).ShouldBeTrue();
        var second = await tablet.PullAndApply(limit: 2);

        second.ContainsKey("experimentalStrategy").ShouldBeFalse();
        second.Ids().Count.ShouldBe(2);
        tablet.Rows.Keys.Select(key => key.Id).ShouldBe(["t1", "t2", "t3", "t4"]);
    }

    [Fact]
    public async Task A_first_sync_that_was_left_for_too_long_is_replaced()
    {
        var person = app.NewPerson();
        var phone = person.NewDevice();
        for (var i = 0; i < 6; i++) await phone.Push(Created("tasks", Task($"t{i}")));
        var tablet = person.NewDevice();
        await tablet.PullAndApply(limit: 2);
        await phone.Push(Deleted("tasks", "t0"), (await phone.Pull()).Timestamp());
        await Later(91);

        var pull = await tablet.PullAndApply(limit: 2);

        ((string)pull["experimentalStrategy"]!).ShouldBe("replacement");
        tablet.Rows.Keys.Select(key => key.Id).ShouldBe(["t1", "t2", "t3", "t4", "t5"]);
    }

    [Fact]
    public async Task An_edit_from_before_the_floor_does_not_bring_a_row_back()
    {
        var (phone, seen) = await GivenDeletion(app.NewPerson());
        await Later(91);

        var answer = await phone.Push(Updated("tasks", Task("b", "Edited long ago")), seen);

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Conflicts()).ShouldBe(["tasks/b"]);
        var known = new JsonObject { ["id"] = "a", ["title"] = "Still here" };
        (await phone.Push(Created("tasks", Task("new")).And(Updated("tasks", known)), seen)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Purging_twice_and_with_nothing_to_purge_is_harmless()
    {
        var person = app.NewPerson();
        await person.NewDevice().Push(Created("tasks", Task("a")));
        var before = (await person.NewDevice().Pull()).Timestamp();

        await Purge();
        await Purge();

        (await person.NewDevice().Pull(before)).ContainsKey("experimentalStrategy").ShouldBeFalse();
    }

    /// <summary>Tasks a and b were seen, then b was deleted; the other devices given pulled in between.</summary>
    private static async Task<(Device Phone, long Seen)> GivenDeletion(Person person, params Device[] others)
    {
        var phone = person.NewDevice();
        await phone.Push(Created("tasks", Task("a"), Task("b")));
        foreach (var other in others) await other.PullAndApply();
        var seen = (await phone.Pull()).Timestamp();
        await phone.Push(Deleted("tasks", "b"), seen);
        return (phone, seen);
    }
}

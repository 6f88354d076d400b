using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Kontor.Sync.Shared;
using Kontor.Testing;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

/// <summary>Pulls that find nothing: what they remember and share, and that no change is missed for it.</summary>
public class FirstLookTests(GatedApp app) : IClassFixture<GatedApp>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>It pulled twice from the same timestamp, so that one node may have remembered it.</summary>
    private static async Task<long> FindNothing(Device device, long since)
    {
        for (var i = 0; i < 2; i++)
        {
            var pull = await device.Pull(since);
            pull.Ids().ShouldBeEmpty();
            pull.Timestamp().ShouldBe(since);
        }

        return since;
    }

    [Fact]
    public async Task On_one_node_nothing_is_read_to_find_nothing_again()
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "Other nodes may write to PostgreSQL, so each pull asks it.");
        var device = app.NewPerson().NewDevice();
        await device.PushNow(Created("tasks", Task("a")));
        var seen = await FindNothing(device, (await device.Pull()).Timestamp());

        using (app.Gate.Close()) await FindNothing(device, seen).WaitAsync(Patience);
    }

    [Fact]
    public async Task A_change_is_found_by_who_had_just_found_nothing()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.PushNow(Created("tasks", Task("a")));
        var seen = (await phone.Pull()).Timestamp();
        for (var i = 0; i < 20; i++)
        {
            await FindNothing(tablet, seen);

            (await phone.Push(Updated("tasks", Task("a", $"Title {i}")), seen)).StatusCode.ShouldBe(HttpStatusCode.OK);

            var pull = await tablet.Pull(seen);
            ((string)pull.Row("a")["title"]!).ShouldBe($"Title {i}");
            seen = pull.Timestamp();
        }
    }

    [Fact]
    public async Task A_deletion_that_is_told_again_is_found_by_who_had_just_found_nothing()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.PushNow(Created("tasks", Task("a")));
        await phone.PushNow(Deleted("tasks", "a"));
        var seen = await FindNothing(tablet, (await tablet.Pull()).Timestamp());

        await tablet.PushMerging(Updated("tasks", Task("a", "Kept by mistake")), seen);

        (await tablet.Pull(seen)).Ids("tasks", "deleted").ShouldBe(["a"]);
    }

    [Fact]
    public async Task A_change_that_is_committed_while_a_pull_reads_is_found_by_the_next()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.PushNow(Created("tasks", Task("a")));
        var seen = (await phone.Pull()).Timestamp();
        Task<JsonObject> reading;
        using (app.Gate.Close(afterRead: true))
        {
            var reads = app.Gate.Reads;
            reading = tablet.Pull(seen);
            while (app.Gate.Reads == reads) await System.Threading.Tasks.Task.Delay(1);
            (await phone.Push(Updated("tasks", Task("a", "Meanwhile")), seen)).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        await reading.WaitAsync(Patience);
        ((string)(await tablet.Pull(seen)).Row("a")["title"]!).ShouldBe("Meanwhile");
    }

    [Fact]
    public async Task Who_asks_while_another_is_read_for_shares_the_next_read_and_gets_an_answer_of_their_own()
    {
        var people = Enumerable.Range(0, 40).Select(_ => app.NewPerson()).ToList();
        for (var i = 0; i < people.Count; i += 2) await people[i].NewDevice().PushNow(Created("tasks", Task("a")));
        var gate = new Gate(app.Database);
        var positions = new Positions(gate, app.Service<Marks>());
        List<Task<Position>> asked;
        using (gate.Close())
        {
            asked = [positions.Of(people[0].Id, 1)];
            while (gate.Reads == 0) await System.Threading.Tasks.Task.Delay(1);
            asked.AddRange(people.Skip(1).Select(person => positions.Of(person.Id, 1)));
        }

        var found = await System.Threading.Tasks.Task.WhenAll(asked).WaitAsync(Patience);

        gate.Reads.ShouldBe(2);
        for (var i = 0; i < people.Count; i++)
        {
            var timestamp = (await people[i].NewDevice().Pull()).Timestamp();
            found[i].Version.ShouldBe(timestamp);
        }

        found.Select(position => position.Version).Distinct().Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public async Task A_read_that_many_share_has_nothing_of_the_one_who_asked_first()
    {
        var gate = new Gate(app.Database);
        var positions = new Positions(gate, app.Service<Marks>());
        var flowing = new AsyncLocal<string?>();
        var found = new List<(string? Flowing, Activity? Activity, string Culture)>();
        gate.BeforeRead = () => found.Add((flowing.Value, Activity.Current, CultureInfo.CurrentCulture.Name));
        using var activity = new Activity("asking").Start();
        flowing.Value = "the asker's";
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("tr-TR");

        await positions.Of(app.NewPerson().Id, 1).WaitAsync(Patience);

        found.ShouldHaveSingleItem().Flowing.ShouldBeNull();
        found[0].Activity.ShouldBeNull();
        found[0].Culture.ShouldNotBe("tr-TR");
    }

    [Fact]
    public async Task A_read_that_fails_fails_those_who_shared_it_and_nobody_after_them()
    {
        var broken = new Gate(app.Database);
        var positions = new Positions(broken, app.Service<Marks>());
        var person = app.NewPerson();
        broken.Fails = true;
        await Should.ThrowAsync<InvalidOperationException>(positions.Of(person.Id, 1).WaitAsync(Patience));
        broken.Fails = false;

        (await positions.Of(person.Id, 1).WaitAsync(Patience)).Version.ShouldBe(1);
    }
}

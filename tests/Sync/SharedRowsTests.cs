using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation;
using Shouldly;
using Xunit;

namespace Kontor.Sync.Tests;

/// <summary>Rows that everybody has, beside everybody's own, with the one timestamp that a client keeps.</summary>
[Trait("Speed", "slow")]
public class SharedRowsTests(CatalogueApp app) : IClassFixture<CatalogueApp>
{
    [Fact]
    public async Task A_change_is_one_row_of_work_and_one_row_for_each_phone()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => Ids.New()).ToList();
        await app.Share("old", ids);
        var devices = new[] { app.NewPerson(), app.NewPerson() }.Select(person => person.NewDevice()).ToList();
        foreach (var device in devices) (await device.PullAndApply()).Ids("things").Count.ShouldBeGreaterThanOrEqualTo(1000);
        var before = await Counters();

        await app.Share("new", ids[7]);

        (await Counters()).ShouldBe(before);
        foreach (var device in devices)
        {
            (await device.PullAndApply()).Ids("things").ShouldBe([ids[7]]);
            (await device.PullAndApply()).Ids("things").ShouldBeEmpty();
            ((string)device.Rows[("things", ids[7])]["name"]!).ShouldBe("new");
        }
    }

    [Fact]
    public async Task A_pull_that_finds_nothing_draws_no_version()
    {
        await app.Share("any", Ids.New());
        var device = app.NewPerson().NewDevice();
        await device.PullAndApply();
        var timestamp = device.LastPulledAt;

        await device.PullAndApply();
        await device.PullAndApply(limit: 10);

        device.LastPulledAt.ShouldBe(timestamp);
    }

    [Fact]
    public async Task A_change_is_found_by_who_had_just_found_nothing()
    {
        var thing = Ids.New();
        var device = app.NewPerson().NewDevice();
        await app.Share("old", thing);
        await device.PullAndApply();
        for (var i = 0; i < 5; i++)
        {
            for (var again = 0; again < 2; again++) (await device.PullAndApply()).Ids("things").ShouldBeEmpty();

            await app.Share($"new {i}", thing);

            (await device.PullAndApply()).Ids("things").ShouldBe([thing]);
            ((string)device.Rows[("things", thing)]["name"]!).ShouldBe($"new {i}");
        }
    }

    [Fact]
    public async Task A_change_of_ones_own_beside_a_shared_one_is_not_lost()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        var (thing, task) = (Ids.New(), Ids.New());
        await app.Share("first", thing);
        await phone.PullAndApply();
        await tablet.PullAndApply();

        // The clock stands still in tests, so that only the counters order anything.
        await app.Share("second", thing);
        await phone.PullAndApply();
        tablet.Set("tasks", task, Changes.Task(task));
        (await tablet.Synchronize()).ShouldBe(HttpStatusCode.OK);
        await app.Share("third", thing);
        await tablet.PullAndApply();

        (await phone.PullAndApply()).Ids().ShouldBe([task]);
        ((string)phone.Rows[("things", thing)]["name"]!).ShouldBe("third");
        ((string)tablet.Rows[("things", thing)]["name"]!).ShouldBe("third");
    }

    [Fact]
    public async Task A_deletion_travels_to_who_has_the_row_and_to_nobody_else()
    {
        var id = Ids.New();
        await app.Share("gone soon", id);
        var device = app.NewPerson().NewDevice();
        await device.PullAndApply();

        await app.Unshare(id);

        (await device.PullAndApply()).Ids("things", "deleted").ShouldBe([id]);
        var first = await app.NewPerson().NewDevice().Pull();
        first.Ids("things", "deleted").ShouldBeEmpty();
        first.Ids("things").ShouldNotContain(id);
    }

    [Fact]
    public async Task What_the_server_deleted_is_nobodys_to_bring_back()
    {
        var id = Ids.New();
        await app.Share("gone", id);
        await app.Unshare(id);
        var person = app.NewPerson();
        var device = person.NewDevice();
        await app.Database.Write(tx => tx.Execute("""
            INSERT INTO sync_history (user_id, table_name, row_id, version, until, device, is_deleted, content)
            VALUES (@person, 'things', @id, 1, 9000000000000000, '', false, '{"name":"mine"}')
            """, new { person = person.Id, id }).AsTask());

        using var restored = await device.Http.PostAsync($"/sync/deleted/things/{id}/restore", null);
        using var reverted = await device.Http.PostAsync($"/sync/rows/things/{id}/history/1/restore", null);
        using var history = await device.Http.GetAsync($"/sync/rows/things/{id}/history");

        HttpStatusCode[] answers = [restored.StatusCode, reverted.StatusCode, history.StatusCode];
        answers.ShouldAllBe(status => status == HttpStatusCode.NotFound);
        (await device.Pull()).Ids("things").ShouldNotContain(id);
    }

    [Fact]
    public async Task A_device_that_lacks_shared_rows_is_told_to_pull_before_it_is_compared()
    {
        await app.Share("there", Ids.New());
        var device = app.NewPerson().NewDevice();
        await device.PullAndApply();
        await app.Share("new", Ids.New());

        (await Verdict(device)).ShouldBe("behind");
        await device.PullAndApply();
        (await Verdict(device)).ShouldBe("different");
    }

    [Fact]
    public async Task A_catalogue_comes_in_pages_and_each_row_once()
    {
        for (var i = 0; i < 30; i++) await app.Share("paged", Enumerable.Range(0, 60).Select(_ => Ids.New()));
        var person = app.NewPerson();
        var writer = person.NewDevice();
        for (var i = 0; i < 30; i++)
        {
            writer.Set("tasks", $"t{i}", Changes.Task($"t{i}"));
            await writer.Synchronize();
        }

        var device = person.NewDevice();
        var (seen, pages) = (new List<string>(), 0);
        JsonObject page;
        do
        {
            page = await device.PullAndApply(limit: 100);
            seen.AddRange(page.Ids("things"));
            page.Ids("things").Count.ShouldBeLessThan(1100);
            pages++;
        }
        while ((bool)page["has_more"]!);

        pages.ShouldBeGreaterThan(3);
        seen.Count.ShouldBe(seen.Distinct().Count());
        seen.Order(StringComparer.Ordinal).ShouldBe((await app.Shared()).Select(row => row.Id).Order(StringComparer.Ordinal));
        device.Rows.Keys.Count(key => key.Table == "tasks").ShouldBe(30);
    }

    [Fact]
    public async Task Whoever_wants_the_rest_at_once_amidst_pages_has_what_is_shared_too()
    {
        var device = app.NewPerson().NewDevice();
        for (var i = 0; i < 3; i++) await device.Push(Changes.Created("tasks", Changes.Task($"t{i}")));
        ((bool)(await device.PullAndApply(limit: 1))["has_more"]!).ShouldBeTrue();
        var thing = Ids.New();
        await app.Share("new", thing);

        await device.PullAndApply();

        device.Rows.Keys.ShouldContain(("things", thing));
    }

    [Fact]
    public async Task A_new_table_comes_whole_with_the_migration_that_brings_it()
    {
        var id = Ids.New();
        await app.Share("there before", id);
        var device = app.NewPerson().NewDevice();
        await device.PullAndApply();

        var migration = Uri.EscapeDataString("""{"from":1,"to":2,"tables":["things"],"columns":[]}""");
        (await device.Pull(device.LastPulledAt, migration: migration)).Ids("things").ShouldContain(id);
    }

    [Fact]
    public async Task A_timestamp_that_no_clock_has_reached_gets_everything_again()
    {
        var id = Ids.New();
        await app.Share("again", id);
        var device = app.NewPerson().NewDevice();
        var first = await device.Pull();

        (await device.Pull(first.Timestamp() + 1_000_000_000)).Ids("things").ShouldContain(id);
    }

    [Fact]
    public async Task A_push_to_it_is_refused_and_an_empty_one_is_not()
    {
        var device = app.NewPerson().NewDevice();
        await device.PullAndApply();

        using var refused = await device.Push(Changes.Created("things", new JsonObject { ["id"] = "x", ["name"] = "mine" }));
        using var empty = await device.Push(Changes.Created("things"));

        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("read-only-table");
        empty.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Shared()).ShouldNotContain(row => row.Id == "x");
    }

    /// <summary>
    /// Two people with two devices each, who pull whole and in pages, push, and miss answers, while the catalogue changes and a day passes
    /// now and then: in the end everybody has everything.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_the_order_nothing_is_missed(int seed)
    {
        var random = new Random(seed);
        var things = Enumerable.Range(0, 20).Select(i => $"s{seed}-{i}").ToList();
        var people = new[] { app.NewPerson(), app.NewPerson() };
        var devices = people.SelectMany(person => new[] { (person, person.NewDevice()), (person, person.NewDevice()) }).ToList();
        for (var i = 0; i < 150; i++)
        {
            var (_, device) = devices[random.Next(devices.Count)];
            switch (random.Next(9))
            {
                case 0 or 1 or 2:
                    var some = things.Where(_ => random.Next(6) == 0).Append(things[random.Next(things.Count)]);
                    await app.Share($"name {i}", some.Distinct());
                    break;
                case 3:
                    await app.Unshare(things[random.Next(things.Count)]);
                    break;
                case 4:
                    device.Set("tasks", $"t{seed}-{i}", Changes.Task($"t{seed}-{i}"));
                    await device.Synchronize();
                    break;
                case 5:
                    // The answer is lost.
                    await device.Pull(device.LastPulledAt, random.Next(2) == 0 ? "" : "&limit=3");
                    break;
                case 6:
                    await device.PullAndApply(limit: random.Next(1, 8));
                    break;
                case 7 when random.Next(4) == 0:
                    app.Clock.Advance(TimeSpan.FromDays(30));
                    break;
                default:
                    await device.PullAndApply();
                    break;
            }
        }

        var expected = await app.Shared();
        foreach (var group in devices.GroupBy(pair => pair.Item1.Id))
        {
            foreach (var (_, device) in group) while ((bool)(await device.PullAndApply(limit: 5))["has_more"]!) { }
            foreach (var (_, device) in group)
            {
                device.Rows.Where(pair => pair.Key.Table == "things").Select(pair => (pair.Key.Id, (string)pair.Value["name"]!))
                    .OrderBy(row => row.Id, StringComparer.Ordinal).ShouldBe(expected.OrderBy(row => row.Id, StringComparer.Ordinal));
                Tasks(device).ShouldBe(Tasks(group.First().Item2));
            }
        }
    }

    /// <summary>On a device that says it has no things.</summary>
    private static async Task<string> Verdict(Device device)
    {
        var nothing = new { columns = new[] { "name" }, count = 0, hash = "0000000000000000" };
        var asked = new { device.LastPulledAt, tables = new { things = nothing } };
        using var answer = await device.Http.PostAsJsonAsync("/sync/digest", asked);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["verdict"]!;
    }

    private static IEnumerable<(string Table, string Id)> Tasks(Device device) => device.Rows.Keys.Where(key => key.Table == "tasks");

    private Task<string> Counters() => app.Database.Read(async tx => string.Join(
        ' ', await tx.Query<long>("SELECT version FROM sync_users ORDER BY user_id")));
}

using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

/// <summary>An app whose new version knows more tables or columns gets what it could not hold before.</summary>
public class MigrationTests(SyncApp app) : IClassFixture<SyncApp>
{
    private static async Task<(Device Device, long Seen)> GivenRows(Device device)
    {
        var described = Task("described");
        described["description"] = "Some text";
        var done = Task("done");
        done["is_completed"] = true;
        await device.Push(
            Created("tasks", described, done, Task("plain"), Task("gone")).And(Created("projects", Project("p1"), Project("p2"))));
        await device.Push(Deleted("tasks", "gone").And(Deleted("projects", "p2")), (await device.Pull()).Timestamp());
        return (device, (await device.Pull()).Timestamp());
    }

    private static Task<JsonObject> Pull(Device device, long since, string migration, string more = "") =>
        device.Pull(since, more, Uri.EscapeDataString(migration));

    [Fact]
    public async Task A_new_table_comes_whole_and_without_deletions()
    {
        var (device, seen) = await GivenRows(app.NewPerson().NewDevice());

        var pull = await Pull(device, seen, """{"from":1,"tables":["projects"],"columns":[]}""");

        pull.Ids("projects").ShouldBe(["p1"]);
        pull.Ids("projects", "deleted").ShouldBeEmpty();
        pull.Ids().ShouldBeEmpty();
        pull.Timestamp().ShouldBe(seen);
    }

    [Fact]
    public async Task Rows_with_something_in_a_new_column_come_again()
    {
        var (device, seen) = await GivenRows(app.NewPerson().NewDevice());

        (await Pull(device, seen, """{"from":1,"tables":[],"columns":[{"table":"tasks","columns":["description"]}]}"""))
            .Ids().ShouldBe(["described"]);
        (await Pull(device, seen, """{"from":1,"tables":[],"columns":[{"table":"tasks","columns":["is_completed","description"]}]}"""))
            .Ids().ShouldBe(["described", "done"]);
    }

    [Fact]
    public async Task What_changed_comes_with_it_and_once()
    {
        var (device, seen) = await GivenRows(app.NewPerson().NewDevice());
        var renamed = new JsonObject { ["id"] = "described", ["title"] = "New" };
        await device.Push(Updated("tasks", renamed).And(Created("projects", Project("p3"))), seen);

        var pull = await Pull(device, seen, """{"from":1,"tables":["projects"],"columns":[{"table":"tasks","columns":["description"]}]}""");

        pull.Ids().ShouldBe(["described"]);
        pull.Ids("projects").ShouldBe(["p1", "p3"]);
    }

    [Fact]
    public async Task A_page_of_a_migration_has_all_that_is_new_to_the_device()
    {
        var (device, seen) = await GivenRows(app.NewPerson().NewDevice());
        for (var i = 0; i < 3; i++) await device.Push(Created("projects", Project($"q{i}")));

        var pull = await Pull(device, seen, """{"from":1,"tables":["projects"],"columns":[]}""", "&limit=1");

        pull.Ids("projects").ShouldBe(["p1", "q0"]);
        ((bool)pull["has_more"]!).ShouldBeTrue();
        (await device.Pull(pull.Timestamp(), "&limit=5")).Ids("projects").ShouldBe(["q1", "q2"]);
    }

    [Theory]
    [InlineData("""{"from":1,"tables":["their_own","sqlite_master"],"columns":[{"table":"their_own","columns":["x"]}]}""")]
    [InlineData("""{"from":1,"tables":[],"columns":[{"table":"tasks","columns":["version","user_id","1=1; --"]}]}""")]
    [InlineData("""{"from":1}""")]
    [InlineData("null")]
    public async Task Tables_and_columns_of_the_devices_own_bring_nothing(string migration)
    {
        var (device, seen) = await GivenRows(app.NewPerson().NewDevice());

        var pull = await Pull(device, seen, migration);

        pull.Ids().ShouldBeEmpty();
        pull.Ids("projects").ShouldBeEmpty();
    }
}

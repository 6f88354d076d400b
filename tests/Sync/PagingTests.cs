using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class PagingTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task Pages_together_are_everything_and_the_last_one_says_so()
    {
        var person = app.NewPerson();
        var phone = person.NewDevice();
        for (var i = 0; i < 10; i++) await phone.Push(Created("tasks", Task($"t{i}")).And(Created("projects", Project($"p{i}"))));
        var tablet = person.NewDevice();

        var pages = 1;
        while ((bool)(await tablet.PullAndApply(limit: 3))["has_more"]!) pages++;

        pages.ShouldBe(5);
        tablet.Rows.Count.ShouldBe(20);
        tablet.LastPulledAt.ShouldBe((await phone.Pull()).Timestamp());
        (await tablet.Pull(tablet.LastPulledAt, "&limit=3")).ToJsonString().ShouldContain("\"has_more\":false");
    }

    [Fact]
    public async Task One_push_is_never_split_over_pages()
    {
        var person = app.NewPerson();
        await person.NewDevice().Push(Created("tasks", Task("a0")));
        var together = Created("tasks", [.. Enumerable.Range(0, 50).Select(i => Task($"b{i}"))]).And(Created("projects", Project("p")));
        await person.NewDevice().Push(together);
        await person.NewDevice().Push(Created("tasks", Task("c0")));
        var device = person.NewDevice();

        var first = await device.Pull(more: "&limit=2");

        first.Ids().Count.ShouldBe(51);
        first.Ids("projects").ShouldBe(["p"]);
        ((bool)first["has_more"]!).ShouldBeTrue();
        var second = await device.Pull(first.Timestamp(), "&limit=2");
        second.Ids().ShouldBe(["c0"]);
        ((bool)second["has_more"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task A_page_that_is_exactly_full_may_be_the_last()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a"), Task("b")));

        var pull = await device.Pull(more: "&limit=2");

        pull.Ids().Count.ShouldBe(2);
        ((bool)pull["has_more"]!).ShouldBeFalse();
    }

    [Fact]
    public async Task What_changes_between_pages_is_neither_missed_nor_kept_back()
    {
        var person = app.NewPerson();
        var phone = person.NewDevice();
        for (var i = 0; i < 6; i++) await phone.Push(Created("tasks", Task($"t{i}")));
        await phone.PullAndApply();
        var tablet = person.NewDevice();
        await tablet.PullAndApply(limit: 2);

        // One that the tablet has, one that it has not, and one of each deleted.
        phone.Set("tasks", "t0", new JsonObject { ["title"] = "Changed" });
        phone.Set("tasks", "t5", new JsonObject { ["title"] = "Changed" });
        phone.Delete("tasks", "t1");
        phone.Delete("tasks", "t4");
        await phone.Synchronize();
        while ((bool)(await tablet.PullAndApply(limit: 2))["has_more"]!) { }

        tablet.Rows.Keys.Select(key => key.Id).ShouldBe(["t0", "t2", "t3", "t5"]);
        tablet.Title("t0").ShouldBe("Changed");
        tablet.Title("t5").ShouldBe("Changed");
    }

    [Fact]
    public async Task A_huge_page_is_cut_to_a_size_that_the_server_chooses()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a")));

        (await device.Pull(more: "&limit=2000000000")).Ids().ShouldBe(["a"]);
    }
}

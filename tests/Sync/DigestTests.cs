using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class DigestTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task The_digest_counts_and_hashes_every_table_at_a_version()
    {
        var device = app.NewPerson().NewDevice();
        var row = Task("t1", "Für 📦", "p1");
        row["is_completed"] = true;
        await device.Push(Created("tasks", row, Task("t2")).And(Created("projects", Project("p1"))));
        await device.Push(Deleted("tasks", "t2"), (await device.Pull()).Timestamp());

        var digest = await Digest(device);

        ((long)digest["version"]!).ShouldBe((await device.Pull()).Timestamp());
        var tasks = digest["tables"]!["tasks"]!;
        ((long)tasks["count"]!).ShouldBe(1);
        tasks["columns"]!.ToJsonString().ShouldBe(
            """["title","description","is_completed","project_id","created_at","updated_at"]""");
        // As the JavaScript of the documentation computes it.
        ((string)tasks["hash"]!).ShouldBe("08bbf2db0f2a372a");
    }

    [Fact]
    public async Task Rows_of_nobody_else_are_in_it()
    {
        var (ada, eve) = (app.NewPerson().NewDevice(), app.NewPerson().NewDevice());
        await ada.Push(Created("tasks", Task("a")));

        ((string)(await Digest(eve))["tables"]!["tasks"]!["hash"]!).ShouldBe("0000000000000000");
    }

    [Theory]
    [InlineData("title", "\"Other\"")]
    [InlineData("description", "\"\"")]
    [InlineData("is_completed", "true")]
    [InlineData("updated_at", "1700000000001")]
    public async Task Any_column_that_differs_is_found(string column, string value)
    {
        var (phone, twin) = (app.NewPerson().NewDevice(), app.NewPerson().NewDevice());
        var other = Task("a");
        other[column] = JsonNode.Parse(value);
        await phone.Push(Created("tasks", Task("a"), Task("b")));
        await twin.Push(Created("tasks", other, Task("b")));

        (await HashOf(twin)).ShouldNotBe(await HashOf(phone));
        await twin.Push(Updated("tasks", Task("a")), (await twin.Pull()).Timestamp());
        (await HashOf(twin)).ShouldBe(await HashOf(phone));
    }

    [Fact]
    public async Task Values_that_change_places_are_found()
    {
        var (phone, twin) = (app.NewPerson().NewDevice(), app.NewPerson().NewDevice());
        await phone.Push(Created("tasks", Task("a", "One"), Task("b", "Two")));
        await twin.Push(Created("tasks", Task("a", "Two"), Task("b", "One")));

        (await HashOf(twin)).ShouldNotBe(await HashOf(phone));
    }

    [Fact]
    public async Task A_device_that_has_everything_is_left_alone()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a")));
        var since = (await device.Pull()).Timestamp();

        (await Compare(device, since, await HashOf(device))).ShouldBe("same");

        var pull = await device.Pull(since);
        pull.ContainsKey("experimentalStrategy").ShouldBeFalse();
        pull.Timestamp().ShouldBe(since);
    }

    [Fact]
    public async Task A_device_that_differs_replaces_what_it_has_once_it_alone()
    {
        var person = app.NewPerson();
        var (phone, tablet) = (person.NewDevice(), person.NewDevice());
        await phone.Push(Created("tasks", Task("a"), Task("b")));
        await phone.PullAndApply();
        await tablet.PullAndApply();
        phone.Rows.Remove(("tasks", "a"));
        phone.Rows[("tasks", "b")]["title"] = "Rotten";
        phone.Rows[("tasks", "ghost")] = Task("ghost");

        (await Compare(phone, phone.LastPulledAt!.Value, "0000000000000000")).ShouldBe("different");

        ((string?)(await tablet.PullAndApply())["experimentalStrategy"]).ShouldBeNull();
        // The first answer is lost on its way.
        ((string?)(await phone.Pull(phone.LastPulledAt))["experimentalStrategy"]).ShouldBe("replacement");
        ((string?)(await phone.PullAndApply())["experimentalStrategy"]).ShouldBe("replacement");
        phone.Rows.Keys.Select(key => key.Id).ShouldBe(["a", "b"]);
        phone.Title("b").ShouldBe("Title");
        ((string?)(await phone.PullAndApply())["experimentalStrategy"]).ShouldBeNull();
        await tablet.Push(Created("tasks", Task("c")), tablet.LastPulledAt);
        ((string?)(await phone.PullAndApply())["experimentalStrategy"]).ShouldBeNull();
        phone.Rows.Keys.Select(key => key.Id).ShouldBe(["a", "b", "c"]);
        (await Compare(phone, phone.LastPulledAt!.Value, await HashOf(phone))).ShouldBe("same");
    }

    [Fact]
    public async Task A_row_that_a_device_has_twice_is_found_by_the_count()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a")));
        var since = (await device.Pull()).Timestamp();

        (await Compare(device, since, await HashOf(device), more: 2)).ShouldBe("different");
    }

    [Fact]
    public async Task An_older_app_compares_what_it_knows_in_its_own_order()
    {
        var device = app.NewPerson().NewDevice();
        var row = Task("t1", "Für 📦", "p1");
        row["is_completed"] = true;
        await device.Push(Created("tasks", row));
        var since = (await device.Pull()).Timestamp();

        // As the JavaScript of the documentation computes it of `is_completed` and `title`.
        const string hash = "da8043f473d513b0";
        (await Compare(device, since, hash, columns: ["is_completed", "title"])).ShouldBe("same");
        (await Compare(device, since, hash, columns: ["title", "is_completed"])).ShouldBe("different");
    }

    [Fact]
    public async Task A_device_that_has_something_to_pull_is_told_so_and_not_to_replace()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a")));
        var since = (await device.Pull()).Timestamp();
        await device.Push(Created("tasks", Task("b")), since);

        (await Compare(device, since, "0000000000000000")).ShouldBe("behind");

        (await device.Pull(since)).ContainsKey("experimentalStrategy").ShouldBeFalse();
    }

    [Theory]
    [InlineData("""{"lastPulledAt":1,"tables":{"unicorns":{"columns":[],"count":0,"hash":""}}}""", 422, "digest-invalid")]
    [InlineData("""{"lastPulledAt":1,"tables":{"tasks":{"columns":["version"],"count":0,"hash":""}}}""", 422, "digest-invalid")]
    [InlineData("""{"lastPulledAt":1,"tables":{"tasks":{"columns":["title","title"],"count":0,"hash":""}}}""", 422, "digest-invalid")]
    [InlineData("""{"lastPulledAt":1,"tables":{"tasks":{"columns":[null],"count":0,"hash":""}}}""", 400, "validation-failed")]
    [InlineData("""{"lastPulledAt":0,"tables":{}}""", 400, "validation-failed")]
    [InlineData("""{"lastPulledAt":1,"tables":null}""", 400, "validation-failed")]
    [InlineData("""{"lastPulledAt":1,"tables":{"tasks":null}}""", 422, "digest-invalid")]
    [InlineData("""{"lastPulledAt":1,"tables":{"tasks":{"columns":null,"count":0,"hash":""}}}""", 400, "validation-failed")]
    [InlineData("""{"lastPulledAt":1}""", 400, "validation-failed")]
    public async Task A_digest_of_nothing_that_is_synced_is_refused(string body, int status, string code)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var answer = await app.NewPerson().NewDevice().Http.PostAsync("/sync/digest", content);

        answer.StatusCode.ShouldBe((HttpStatusCode)status, await answer.Content.ReadAsStringAsync());
        ((string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!).ShouldBe(code);
    }

    private static async Task<JsonObject> Digest(Device device) => (await device.Http.GetFromJsonAsync<JsonObject>("/sync/digest"))!;

    private static async Task<string> HashOf(Device device) => (string)(await Digest(device))["tables"]!["tasks"]!["hash"]!;

    /// <summary>The verdict on a device whose tasks have this hash, and as many rows as the server's, or more.</summary>
    private static async Task<string> Compare(
        Device device, long lastPulledAt, string hash, int more = 0, params string[] columns)
    {
        var tasks = (await Digest(device))["tables"]!["tasks"]!.DeepClone();
        tasks["hash"] = hash;
        tasks["count"] = (long)tasks["count"]! + more;
        if (columns.Length > 0) tasks["columns"] = new JsonArray([.. columns.Select(column => JsonValue.Create(column))]);
        using var answer = await device.Http.PostAsJsonAsync(
            "/sync/digest", new JsonObject { ["lastPulledAt"] = lastPulledAt, ["tables"] = new JsonObject { ["tasks"] = tasks } });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["verdict"]!;
    }
}

using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using Tasks = System.Threading.Tasks.Task;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class PullTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task A_first_pull_of_nothing_has_all_tables_all_lists_and_a_positive_timestamp()
    {
        var pull = await app.NewPerson().NewDevice().Pull();

        pull["changes"]!.AsObject().Select(table => table.Key).ShouldBe(["projects", "tasks"]);
        foreach (var (_, lists) in pull["changes"]!.AsObject())
            lists!.ToJsonString().ShouldBe("""{"created":[],"updated":[],"deleted":[]}""");
        pull.Timestamp().ShouldBe(1);
        pull.ContainsKey("has_more").ShouldBeFalse();
    }

    [Fact]
    public async Task Live_rows_travel_as_updated_with_exactly_the_contracts_columns()
    {
        var person = app.NewPerson();
        var row = Task("t1", "  Für Ä & <b> \u2028 \"x\" 👩‍🚀 ", "p1");
        row["is_completed"] = true;
        await person.NewDevice().Push(Created("tasks", row).And(Created("projects", Project("p1"))));

        var pull = await person.NewDevice().Pull();

        pull.Ids("tasks", "created").ShouldBeEmpty();
        JsonNode.DeepEquals(pull.Row("t1"), row).ShouldBeTrue(pull.Row("t1").ToJsonString());
        JsonNode.DeepEquals(pull.Row("p1", "projects"), Project("p1")).ShouldBeTrue();
    }

    [Fact]
    public async Task A_later_pull_brings_only_what_changed_and_deletions_as_ids()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a"), Task("b"), Task("c")));
        var first = await device.Pull();
        await device.Push(Updated("tasks", Task("b", "Changed")).And(Deleted("tasks", "c")), first.Timestamp());

        var second = await device.Pull(first.Timestamp());

        second.Ids().ShouldBe(["b"]);
        second.Ids("tasks", "deleted").ShouldBe(["c"]);
        second.Timestamp().ShouldBeGreaterThan(first.Timestamp());
        var third = await device.Pull(second.Timestamp());
        third.Ids().ShouldBeEmpty();
        third.Timestamp().ShouldBe(second.Timestamp());
    }

    [Fact]
    public async Task A_first_pull_names_no_deletions_as_turbo_sync_demands()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a"), Task("b")));
        await device.Push(Deleted("tasks", "b"), (await device.Pull()).Timestamp());

        var pull = await device.Pull();

        pull.Ids().ShouldBe(["a"]);
        pull.Ids("tasks", "deleted").ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/sync/pull")]
    [InlineData("/sync/pull?last_pulled_at=")]
    [InlineData("/sync/pull?last_pulled_at=0")]
    [InlineData("/sync/pull?last_pulled_at=null&schema_version=1&migration=null&limit=")]
    public async Task Nothing_null_and_zero_mean_a_first_pull(string address)
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a")));

        (await device.Http.GetFromJsonAsync<JsonObject>(address))!.Ids().ShouldBe(["a"]);
    }

    [Theory]
    [InlineData("last_pulled_at=abc", "last_pulled_at")]
    [InlineData("last_pulled_at=-1", "last_pulled_at")]
    [InlineData("last_pulled_at=1.5", "last_pulled_at")]
    [InlineData("last_pulled_at=1e3", "last_pulled_at")]
    [InlineData("last_pulled_at=9007199254740992", "last_pulled_at")]
    [InlineData("last_pulled_at=99999999999999999999999", "last_pulled_at")]
    [InlineData("last_pulled_at=undefined", "last_pulled_at")]
    [InlineData("last_pulled_at=1&last_pulled_at=2", "last_pulled_at")]
    [InlineData("last_pulled_at=1&schema_version=x", "schema_version")]
    [InlineData("schema_version=0", "schema_version")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=-5", "limit")]
    [InlineData("limit=many", "limit")]
    [InlineData("last_pulled_at=1&migration={", "migration")]
    [InlineData("last_pulled_at=1&migration=5", "migration")]
    [InlineData("last_pulled_at=1&migration={\"tables\":5}", "migration")]
    [InlineData("last_pulled_at=1&migration={\"tables\":[null]}", "migration")]
    [InlineData("last_pulled_at=1&migration={\"tables\":[\"\\ud800\"]}", "migration")]
    [InlineData("last_pulled_at=1&migration={\"columns\":[{\"table\":\"tasks\",\"columns\":\"title\"}]}", "migration")]
    [InlineData("last_pulled_at=1&migration={\"columns\":[{}]}", "migration")]
    public async Task What_no_client_sends_is_refused_by_name(string query, string field)
    {
        var answer = await app.NewPerson().NewDevice().Http.GetAsync($"/sync/pull?{query}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await answer.Content.ReadFromJsonAsync<JsonObject>();
        ((string)problem!["code"]!).ShouldBe("invalid-request");
        problem["errors"]!.AsObject().Select(error => error.Key).ShouldBe([field]);
    }

    [Fact]
    public async Task Strangers_are_refused()
    {
        using var client = app.NewClient();
        (await client.GetAsync("/sync/pull")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.PostAsync("/sync/push", new StringContent("{}"))).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Another_users_rows_do_not_exist_whatever_their_ids()
    {
        var (ada, eve) = (app.NewPerson(), app.NewPerson());
        await ada.NewDevice().Push(Created("tasks", Task("shared-id", "Ada's")));
        var device = eve.NewDevice();

        (await device.Pull()).Ids().ShouldBeEmpty();
        (await device.Push(Deleted("tasks", "shared-id"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await device.Push(Updated("tasks", Task("shared-id", "Eve's")))).StatusCode.ShouldBe(HttpStatusCode.OK);

        ((string)(await ada.NewDevice().Pull()).Row("shared-id")["title"]!).ShouldBe("Ada's");
        ((string)(await device.Pull()).Row("shared-id")["title"]!).ShouldBe("Eve's");
    }

    [Fact]
    public async Task Ids_tell_upper_and_lower_case_apart()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("Abc", "upper"), Task("abc", "lower")));
        await device.Push(Updated("tasks", Task("abc", "changed")), (await device.Pull()).Timestamp());

        var pull = await device.Pull();

        pull.Ids().ShouldBe(["Abc", "abc"]);
        ((string)pull.Row("Abc")["title"]!).ShouldBe("upper");
    }

    [Theory]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task A_long_answer_is_compressed_for_clients_that_take_it(string encoding)
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", [.. Enumerable.Range(0, 400).Select(i => Task($"t{i}"))]));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/sync/pull");
        request.Headers.AcceptEncoding.ParseAdd($"{encoding}, *;q=0");

        using var answer = await device.Http.SendAsync(request);

        answer.Content.Headers.ContentEncoding.ShouldBe([encoding]);
        var sent = await answer.Content.ReadAsByteArrayAsync();
        using var plain = new MemoryStream();
        await using (var opened = Coded(new MemoryStream(sent), CompressionMode.Decompress)) await opened.CopyToAsync(plain);
        JsonNode.Parse(plain.ToArray())!.AsObject().Ids().Count.ShouldBe(400);
        // As small as in one piece.
        using var whole = new MemoryStream();
        await using (var coded = Coded(whole, CompressionMode.Compress)) coded.Write(plain.ToArray());
        sent.Length.ShouldBeLessThan(whole.ToArray().Length * 105 / 100);

        Stream Coded(Stream stream, CompressionMode mode) => (encoding, mode) switch
        {
            ("br", CompressionMode.Compress) => new BrotliStream(stream, CompressionLevel.Fastest),
            (_, CompressionMode.Compress) => new GZipStream(stream, CompressionLevel.Fastest),
            ("br", _) => new BrotliStream(stream, mode),
            _ => new GZipStream(stream, mode),
        };
    }

    [Fact]
    public async Task An_answer_longer_than_the_memory_kept_for_it_arrives_whole()
    {
        var device = app.NewPerson().NewDevice();
        var text = new string('ä', 400_000);
        for (var i = 0; i < 10; i++) await device.Push(Created("tasks", Task($"t{i}", $"{i} {text}")));

        var pull = await device.Pull();

        pull.Ids().Count.ShouldBe(10);
        for (var i = 0; i < 10; i++) ((string)pull.Row($"t{i}")["title"]!).ShouldBe($"{i} {text}");
    }

    [Fact]
    public async Task A_device_whose_clock_or_server_was_ahead_gets_everything_once_and_then_follows()
    {
        var person = app.NewPerson();
        var device = person.NewDevice();
        await device.Push(Created("tasks", Task("a"), Task("b")));
        await device.Push(Deleted("tasks", "b"), (await device.Pull()).Timestamp());

        var pull = await device.Pull((1L << 53) - 1);

        pull.Ids().ShouldBe(["a"]);
        pull.Ids("tasks", "deleted").ShouldBe(["b"]);
        pull.ContainsKey("experimentalStrategy").ShouldBeFalse();
        await person.NewDevice().Push(Created("tasks", Task("c")));
        (await device.Pull(pull.Timestamp())).Ids().ShouldBe(["c"]);
    }

    [Fact]
    public async Task A_device_that_saw_what_a_restored_backup_lost_keeps_its_timestamp_and_hears_of_what_follows()
    {
        var person = app.NewPerson();
        var device = person.NewDevice();
        await device.Push(Created("tasks", Task("a")));
        var version = (await device.Pull()).Timestamp();
        await Tasks.Delay(20, TestContext.Current.CancellationToken);

        var pull = await device.Pull(version + 5);

        pull.Ids().ShouldBeEmpty();
        pull.Timestamp().ShouldBe(version + 5);
        await person.NewDevice().Push(Created("tasks", Task("b")));
        (await device.Pull(pull.Timestamp())).Ids().ShouldBe(["b"]);
    }
}

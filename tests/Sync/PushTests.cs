using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Events;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class PushTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Fact]
    public async Task A_push_answers_an_empty_object()
    {
        var answer = await app.NewPerson().NewDevice().Push(Created("tasks", Task("a")));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("{}");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("text/plain")]
    public async Task Bare_changes_are_taken_too_as_json_and_as_text(string type)
    {
        var device = app.NewPerson().NewDevice();

        (await device.PushText(Created("tasks", Task("a")).ToJsonString(), type: type)).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await device.Pull()).Ids().ShouldBe(["a"]);
    }

    [Fact]
    public async Task Only_the_columns_that_are_sent_are_written()
    {
        var device = app.NewPerson().NewDevice();
        var row = Task("a", "Before", "p");
        row["description"] = "Kept";
        row["is_completed"] = true;
        await device.Push(Created("tasks", row, Task("b")));

        await device.Push(
            Updated(
                "tasks",
                new JsonObject { ["id"] = "a", ["title"] = "After" },
                new JsonObject { ["id"] = "b", ["is_completed"] = true }),
            (await device.Pull()).Timestamp());

        var pull = await device.Pull();
        row["title"] = "After";
        JsonNode.DeepEquals(pull.Row("a"), row).ShouldBeTrue(pull.Row("a").ToJsonString());
        ((bool)pull.Row("b")["is_completed"]!).ShouldBeTrue();
        ((string)pull.Row("b")["title"]!).ShouldBe("Title");
    }

    [Fact]
    public async Task A_null_that_is_sent_is_written()
    {
        var device = app.NewPerson().NewDevice();
        var row = Task("a");
        row["description"] = "Gone soon";
        await device.Push(Created("tasks", row));

        await device.Push(Updated("tasks", new JsonObject { ["id"] = "a", ["description"] = null }), (await device.Pull()).Timestamp());

        (await device.Pull()).Row("a")["description"].ShouldBeNull();
    }

    [Fact]
    public async Task A_new_row_has_empty_values_where_none_were_sent()
    {
        var device = app.NewPerson().NewDevice();

        await device.Push(Created("tasks", new JsonObject { ["id"] = "a" }));

        (await device.Pull()).Row("a").ToJsonString().ShouldBe(
            """{"id":"a","title":"","description":null,"is_completed":false,"project_id":"","created_at":0,"updated_at":0}""");
    }

    [Fact]
    public async Task Created_updates_what_exists_and_updated_creates_what_does_not()
    {
        var device = app.NewPerson().NewDevice();
        await device.Push(Created("tasks", Task("a")));

        (await device.Push(Created("tasks", Task("a", "Again")).And(Updated("tasks", Task("b"))), (await device.Pull()).Timestamp()))
            .StatusCode.ShouldBe(HttpStatusCode.OK);

        var pull = await device.Pull();
        pull.Ids().ShouldBe(["a", "b"]);
        ((string)pull.Row("a")["title"]!).ShouldBe("Again");
    }

    [Fact]
    public async Task The_clients_own_columns_and_unknown_ones_are_passed_over()
    {
        var device = app.NewPerson().NewDevice();
        var row = Task("a");
        foreach (var name in new[] { "_status", "_changed", "colour", "version", "user_id", "is_deleted" }) row[name] = "created";

        (await device.Push(Created("tasks", row))).StatusCode.ShouldBe(HttpStatusCode.OK);

        JsonNode.DeepEquals((await device.Pull()).Row("a"), Task("a")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("title", "5", "\"\"")]
    [InlineData("title", "null", "\"\"")]
    [InlineData("title", "{\"a\":[1]}", "\"\"")]
    [InlineData("description", "true", "null")]
    [InlineData("is_completed", "1", "true")]
    [InlineData("is_completed", "1.0", "true")]
    [InlineData("is_completed", "0", "false")]
    [InlineData("is_completed", "\"true\"", "false")]
    [InlineData("is_completed", "2", "false")]
    [InlineData("created_at", "\"5\"", "0")]
    [InlineData("created_at", "true", "0")]
    [InlineData("created_at", "1.5e3", "1500")]
    [InlineData("created_at", "2.5", "3")]
    [InlineData("created_at", "-0.0", "0")]
    [InlineData("created_at", "-62135596800000", "-62135596800000")]
    [InlineData("created_at", "1e300", "0")]
    [InlineData("created_at", "1e999", "0")]
    [InlineData("created_at", "9007199254740993", "0")]
    [InlineData("title", "\"cut \\ud83d\"", "\"cut \uFFFD\"")]
    [InlineData("title", "\"cut \\uDE00 in two\"", "\"cut \uFFFD in two\"")]
    [InlineData("title", "\"a\\u0000b\"", "\"a\uFFFDb\"")]
    [InlineData("title", "\"whole \\ud83d\\ude00\"", "\"whole 😀\"")]
    [InlineData("title", "\"a path C:\\\\ud83d\"", "\"a path C:\\\\ud83d\"")]
    public async Task A_value_of_the_wrong_type_is_repaired_as_the_client_would(string column, string sent, string stored)
    {
        var device = app.NewPerson().NewDevice();

        var answer = await device.PushText($$$"""{"tasks":{"created":[{"id":"a","{{{column}}}":{{{sent}}} }]}}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        var value = (await device.Pull()).Row("a")[column];
        JsonNode.DeepEquals(value, JsonNode.Parse(stored)).ShouldBeTrue(value?.ToJsonString());
    }

    [Theory]
    [InlineData("products")]
    [InlineData("orders")]
    [InlineData("order_items")]
    [InlineData("home_widgets")]
    public async Task A_table_that_only_the_server_writes_is_refused_unless_nothing_changed_in_it(string table)
    {
        var device = app.NewPerson().NewDevice();

        var answer = await device.Push(Created("tasks", Task("a")).And(Created(table, new JsonObject { ["id"] = "x" })));

        answer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        ((string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!).ShouldBe("read-only-table");
        (await device.Pull()).Ids().ShouldBeEmpty();
        (await device.Push(Created("tasks", Task("a")).And(Created(table)))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_row_that_the_server_will_not_hold_is_rejected_by_itself()
    {
        var device = app.NewPerson().NewDevice();
        var book = Task("book", new string('x', 1_000_001));

        var answer = await device.Push(Created("tasks", Task("a"), book, Task("b"), Task("long", new string('x', 1_000_000))));

        (await answer.Content.ReadAsStringAsync()).ShouldBe("""{"experimentalRejectedIds":{"tasks":["book"]}}""");
        (await device.Pull()).Ids().ShouldBe(["a", "b", "long"]);
    }

    [Fact]
    public async Task Ten_thousand_rows_at_once_arrive()
    {
        var person = app.NewPerson();

        var tasks = Enumerable.Range(0, 10_000).Select(i => Task($"t{i}")).ToArray();

        (await person.NewDevice().Push(Created("tasks", tasks))).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await person.NewDevice().Pull()).Ids().Count.ShouldBe(10_000);
    }

    [Fact]
    public async Task A_push_tells_every_node_whose_data_changed_and_a_repeated_one_tells_nobody()
    {
        var person = app.NewPerson();
        var told = new ConcurrentQueue<string>();
        using var subscription = app.Service<Signals>().Subscribe("sync.user", told.Enqueue);

        await person.NewDevice().Push(Created("tasks", Task("a")));
        await person.NewDevice().Push(Created("tasks", Task("a")));

        told.Count(message => message.EndsWith($" {person.Id}", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Theory]
    [InlineData("tasks")]
    [InlineData("projects")]
    public async Task A_change_makes_the_widget_that_shows_it_stale(string table)
    {
        var person = app.NewPerson();
        var told = new ConcurrentQueue<string>();
        using var subscription = app.Service<Signals>().Subscribe("home.widget-stale", told.Enqueue);

        await person.NewDevice().Push(Created(table, new JsonObject { ["id"] = "a" }));
        await person.NewDevice().Push(Created(table, new JsonObject { ["id"] = "a" }));

        told.Count(payload => payload == $"planner/open-tasks/{person.Id}").ShouldBe(1);
    }
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Shouldly;
using Xunit;
using static Kontor.Sync.Tests.Changes;

namespace Kontor.Sync.Tests;

public class BadPushTests(SyncApp app) : IClassFixture<SyncApp>
{
    [Theory]
    [InlineData("[]", "", "", "")]
    [InlineData("\"text\"", "", "", "")]
    [InlineData("{\"changes\":[]}", "", "", "")]
    [InlineData("{\"changes\":null}", "", "", "")]
    [InlineData("{\"unicorns\":{\"created\":[],\"updated\":[],\"deleted\":[]}}", "unicorns", "", "")]
    [InlineData("{\"unicorns\":{\"created\":[{\"id\":\"u\"}]},\"tasks\":{\"created\":[{\"id\":\"a\"}]}}", "unicorns", "", "")]
    [InlineData("{\"unicorns\":[],\"tasks\":{\"created\":[{\"id\":\"a\"}]}}", "unicorns", "", "")]
    [InlineData("{\"tasks\":[]}", "tasks", "", "")]
    [InlineData("{\"tasks\":null}", "tasks", "", "")]
    [InlineData("{\"tasks\":{\"created\":{}}}", "tasks", "", "")]
    [InlineData("{\"tasks\":{\"upserted\":[]}}", "tasks", "", "")]
    [InlineData("{\"tasks\":{\"created\":[5]}}", "tasks", "created[0]", "")]
    [InlineData("{\"tasks\":{\"created\":[null]}}", "tasks", "created[0]", "")]
    [InlineData("{\"tasks\":{\"created\":[{\"id\":\"a\"},{\"title\":\"x\"}]}}", "tasks", "created[1]", "id")]
    [InlineData("{\"tasks\":{\"updated\":[{\"id\":5}]}}", "tasks", "updated[0]", "id")]
    [InlineData("{\"tasks\":{\"updated\":[{\"id\":\"\"}]}}", "tasks", "updated[0]", "id")]
    [InlineData("{\"tasks\":{\"updated\":[{\"id\":\"a b\"}]}}", "tasks", "updated[0]", "id")]
    [InlineData("{\"tasks\":{\"updated\":[{\"id\":\"a\\n\"}]}}", "tasks", "updated[0]", "id")]
    [InlineData("{\"tasks\":{\"updated\":[{\"id\":\"ä\"}]}}", "tasks", "updated[0]", "id")]
    [InlineData("{\"tasks\":{\"deleted\":[{\"id\":\"a\"}]}}", "tasks", "deleted[0]", "id")]
    [InlineData(
        "{\"tasks\":{\"deleted\":[\"12345678901234567890123456789012345678901234567890123456789012345\"]}}",
        "tasks", "deleted[0]", "id")]
    [InlineData("{\"tasks\":{\"created\":[{\"id\":\"a\"}],\"updated\":[{\"id\":\"a\"}]}}", "tasks", "a", "id")]
    [InlineData("{\"tasks\":{\"updated\":[{\"id\":\"a\"}],\"deleted\":[\"a\"]}}", "tasks", "a", "id")]
    public async Task Broken_structure_is_refused_by_table_row_and_column_and_nothing_is_done(
        string body, string table, string row, string column)
    {
        var device = app.NewPerson().NewDevice();
        var before = (await device.Pull()).Timestamp();

        var answer = await device.PushText(body);

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, await answer.Content.ReadAsStringAsync());
        var problem = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        ((string)problem["code"]!).ShouldBe("sync-invalid");
        string.Join('|', problem["table"], problem["row"], problem["column"]).ShouldBe($"{table}|{row}|{column}");
        ((string)problem["detail"]!).ShouldContain(table);
        (await device.Pull()).Timestamp().ShouldBe(before);
    }

    [Fact]
    public async Task A_table_that_only_the_app_knows_holds_nothing_up_while_it_is_empty()
    {
        var device = app.NewPerson().NewDevice();

        using var answer = await device.Push(Created("unicorns").And(Created("tasks", Task("a"))));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        (await device.Pull()).Ids().ShouldBe(["a"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"tasks\":{\"created\":[{\"id\":\"a\",\"id\":\"b\"}]}}")]
    [InlineData("{\"tasks\":{\"created\":[],\"created\":[]}}")]
    [InlineData("{\"tasks\":{\"created\":[{\"id\":\"a\",\"created_at\":NaN}]}}")]
    public async Task What_is_not_json_is_refused(string body)
    {
        var answer = await app.NewPerson().NewDevice().PushText(body);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        ((string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!).ShouldBe("invalid-request");
    }

    [Fact]
    public async Task Bytes_that_are_no_text_are_refused()
    {
        byte[] body = [.. "{\"tasks\":{\"created\":[{\"id\":\"a\",\"title\":\""u8, 0xff, 0xfe, .. "\"}]}}"u8];

        using var content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        var answer = await app.NewPerson().NewDevice().Http.PostAsync("/sync/push", content);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("\"lastPulledAt\":\"5\"")]
    [InlineData("\"lastPulledAt\":-1")]
    [InlineData("\"lastPulledAt\":1.5")]
    [InlineData("\"lastPulledAt\":9007199254740992")]
    public async Task A_timestamp_that_no_pull_gave_is_refused(string member) =>
        (await app.NewPerson().NewDevice().PushText($$"""{"changes":{},{{member}}}""")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

    [Fact]
    public async Task A_query_and_a_body_that_contradict_each_other_are_refused()
    {
        var device = app.NewPerson().NewDevice();

        (await device.PushText("""{"changes":{},"lastPulledAt":5}""", since: 6)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await device.PushText("""{"changes":{},"lastPulledAt":5}""", since: 5)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused()
    {
        var answer = await app.NewPerson().NewDevice().Push(Created("tasks", Task("a", new string('x', 9_000_000))));

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_body_of_another_type_is_refused()
    {
        var answer = await app.NewPerson().NewDevice().PushText("<changes/>", type: "application/xml");

        answer.StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
    }
}

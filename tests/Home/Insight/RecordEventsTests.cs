using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests.Insight;

public class RecordEventsTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Fact]
    public async Task What_a_stranger_and_a_person_do_is_counted()
    {
        var widget = await Widget("counted");

        (await app.Anonymous.Tell(app.Event(widget), app.Event(widget, "click"))).ShouldBe(2);
        (await app.As("ada", "customer").Tell(app.Event(widget), app.Event(widget, "dismiss"))).ShouldBe(2);

        (await app.Counts(widget)).ShouldBe((2, 1, 1));
    }

    [Fact]
    public async Task An_id_counts_once_in_a_request_and_over_all_requests()
    {
        var widget = await Widget("once");
        using var ada = app.As("ada", "customer");

        (await ada.Tell(app.Event(widget, id: "1"), app.Event(widget, id: "1"), app.Event(widget, id: "2"))).ShouldBe(2);
        (await ada.Tell(app.Event(widget, id: "1"), app.Event(widget, "click", id: "2"), app.Event(widget, id: "3"))).ShouldBe(1);

        (await app.Counts(widget)).ShouldBe((3, 0, 0));
    }

    [Fact]
    public async Task An_id_is_its_visitors_own()
    {
        var widget = await Widget("own-ids");
        using var phone = app.Anonymous;
        phone.DefaultRequestHeaders.Add("X-Device-Id", "0123456789abcdef");
        using var browser = app.Anonymous;
        browser.DefaultRequestHeaders.Add("Cookie", "kontor_visitor=0123456789abcdef");

        (await app.As("ada").Tell(app.Event(widget, id: "7"))).ShouldBe(1);
        (await app.As("bob").Tell(app.Event(widget, id: "7"))).ShouldBe(1);
        (await phone.Tell(app.Event(widget, id: "7"))).ShouldBe(1);
        (await browser.Tell(app.Event(widget, id: "7"))).ShouldBe(0);
        (await app.Anonymous.Tell(app.Event(widget, id: "7"))).ShouldBe(1);
    }

    [Theory]
    [InlineData("/api/home/events")]
    [InlineData("/home/events")]
    public async Task An_event_that_is_null_is_the_senders_mistake(string path)
    {
        var answer = await app.Anonymous.PostAsync(path, new StringContent("{\"events\": [null]}", Encoding.UTF8, "application/json"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().ShouldBe("validation-failed");
        problem.GetProperty("errors").EnumerateObject().Single().Name.ShouldBe("events");
    }

    [Fact]
    public async Task A_widget_that_nobody_knows_leaves_the_other_events_alone()
    {
        var widget = await Widget("known");

        var answer = await app.Anonymous.Post(app.Event("nobody", id: "lost"), app.Event(widget));

        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var told = await answer.Content.ReadFromJsonAsync<JsonElement>();
        told.GetProperty("counted").GetInt32().ShouldBe(1);
        var ignored = told.GetProperty("ignored").EnumerateArray().ShouldHaveSingleItem();
        ignored.GetProperty("id").GetString().ShouldBe("lost");
        ignored.GetProperty("reason").GetString().ShouldBe("unknown-widget");
        (await app.Counts(widget)).Impressions.ShouldBe(1);
    }

    [Theory]
    [InlineData("kind", "\"purchase\"")]
    [InlineData("kind", "1")]
    [InlineData("kind", null)]
    [InlineData("id", "\"\"")]
    [InlineData("id", "12")]
    [InlineData("id", null)]
    [InlineData("id", "\"00000000000000000000000000000000000000000000000000000000000000000\"")]
    [InlineData("widgetId", null)]
    [InlineData("feedId", "[]")]
    [InlineData("at", "\"yesterday\"")]
    [InlineData("at", null)]
    [InlineData("position", "-1")]
    [InlineData("position", "1.5")]
    public async Task Rubbish_is_refused_and_nothing_of_its_request_is_counted(string member, string? value)
    {
        var widget = await Widget($"rubbish-{Guid.NewGuid():N}"[..20]);
        var broken = app.Event(widget);
        broken.Remove(member);
        if (value is not null) broken[member] = JsonNode.Parse(value);

        var answer = await app.Anonymous.Post(app.Event(widget), broken);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBeOneOf("invalid-request", "validation-failed");
        (await app.Counts(widget)).ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task A_request_has_between_one_and_two_hundred_events()
    {
        var widget = await Widget("many");

        (await app.Anonymous.Post()).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await app.Anonymous.Post([.. Enumerable.Range(0, 201).Select(_ => app.Event(widget))])).StatusCode
            .ShouldBe(HttpStatusCode.BadRequest);
        (await app.Anonymous.Tell([.. Enumerable.Range(0, 200).Select(_ => app.Event(widget))])).ShouldBe(200);
    }

    private async Task<string> Widget(string key) => (await app.GivenText(key))["id"]!.GetValue<string>();
}

using System.Net;
using System.Net.Http.Json;
using System.Text;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Home.Tests;

/// <summary>Half of a surrogate pair, and bytes that are not UTF-8, in JSON of any kind are the sender's mistake.</summary>
public class BrokenTextTests(HomeApp app) : IClassFixture<HomeApp>
{
    [Theory]
    [InlineData("""{"userId": "a\u0000b"}""")]
    [InlineData("""{"segment": "a\u0000b"}""")]
    [InlineData("""{"userId": "\ud800"}""")]
    [InlineData("""{"\ud800": "a"}""")]
    [InlineData("\"\\ud800\"")]
    public async Task An_audience_with_it_is_none(string audience)
    {
        using var team = await SourceTeam.New(app, with => with["personal"] = true);

        using var answer = await team.Client.PutAsync($"/api/home/sources/{team.Name}/snapshots/offer", Json(
            $$$"""{"audience": {{{audience}}}, "version": 1, "type": "text", "content": {"paragraphs": ["x"]}}"""));

        (answer.StatusCode, await answer.Code()).ShouldBe((HttpStatusCode.BadRequest, "validation-failed"));
    }

    [Theory]
    [InlineData("""{"stage": "\ud800"}""")]
    [InlineData("""{"\ud800": "x"}""")]
    public async Task What_is_told_of_a_person_has_none(string attributes)
    {
        using var team = await SourceTeam.New(app);
        await team.Client.PutAsJsonAsync(
            $"/api/home/sources/{team.Name}/attributes/stage", new { type = "text", privacy = "personal", description = "How far." });

        using var answer = await team.Client.PutAsync(
            $"/api/home/sources/{team.Name}/persons/ada", Json($$"""{"version": 1, "attributes": {{attributes}}}"""));

        (answer.StatusCode, await answer.Code()).ShouldBe((HttpStatusCode.BadRequest, "validation-failed"));
    }

    [Theory]
    [InlineData("home/simulate", """{"draft": {"segment": "any", "rule": {"\ud800": 1}}}""")]
    [InlineData("home/simulate", """{"draft": {"widget": "test.news"}, "contexts": [{"attributes": {"shop": {"\ud800": 1}}}]}""")]
    [InlineData("segments", """{"key": "broken-value", "title": "x", "rule": {"id": "\ud800"}}""")]
    [InlineData("segments", """{"key": "broken-name", "title": "x", "rule": {"\ud800": "x"}}""")]
    [InlineData("segments", "{\"key\": \"broken-bytes\", \"title\": \"x\", \"rule\": {\"id\": \"\u00ff\"}}")]
    [InlineData("rules/evaluate", """{"rule": {"id": "\ud800"}, "attributes": {}}""")]
    [InlineData("rules/evaluate", """{"rule": {"id": "x"}, "attributes": {"\ud800": "x"}}""")]
    [InlineData("rules/evaluate", """{"rule": {"id": "x"}, "attributes": {}, "savedGroups": {"friends": ["\ud800"]}}""")]
    [InlineData(
        "widgets",
        """{"key": "broken", "type": "text", "titles": {"en": "x"}, "content": {"paragraphs": ["x"]}, "rule": {"id": "\ud800"}}""")]
    public async Task A_rule_and_what_it_is_tried_on_have_none(string path, string body)
    {
        using var answer = await app.Admin.PostAsync($"/api/admin/{path}", Json(body));

        (answer.StatusCode, await answer.Code()).ShouldBe((HttpStatusCode.BadRequest, "validation-failed"));
    }

    [Fact]
    public async Task Content_is_told_what_is_wrong_with_it_as_of_any_other_mistake()
    {
        using var team = await SourceTeam.New(app);

        using var answer = await team.Client.PutAsync(
            $"/api/home/sources/{team.Name}/snapshots/offer",
            Json("""{"audience": "all", "version": 1, "type": "text", "content": {"paragraphs": ["\ud800"]}}"""));

        (answer.StatusCode, await answer.Code()).ShouldBe((HttpStatusCode.UnprocessableEntity, "content-invalid"));
    }

    [Fact]
    public async Task A_rule_that_is_typed_on_a_page_has_none()
    {
        const string Typed = """{"id": "\ud800"}""";
        await app.Admin.PostAsJsonAsync("/api/admin/segments", new { key = "typed", title = "Typed", rule = new { } });
        var segment = "/admin/segments/typed";
        using var kim = await new FormBrowser(app, "kim;admin").Open(segment);
        await kim.Send(segment, null, ("rule", Typed));
        kim.Status.ShouldBe(HttpStatusCode.BadRequest);

        var widget = await app.GivenText("typed");
        var page = $"/admin/widgets/{widget["id"]}";
        await kim.Open(page);
        await kim.Send(page, "save", ("rule", Typed));
        kim.Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    /// <summary>A byte for each character: beyond ASCII that is not UTF-8.</summary>
    private static ByteArrayContent Json(string body) =>
        new(Encoding.Latin1.GetBytes(body)) { Headers = { ContentType = new("application/json") } };
}

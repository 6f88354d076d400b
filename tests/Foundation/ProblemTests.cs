using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public class ProblemTests(ThingsApp app) : IClassFixture<ThingsApp>
{
    [Fact]
    public async Task A_refusal_is_problem_json_with_its_code_and_members()
    {
        var (answer, problem) = await Get("/api/things/unknown");

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        problem.GetProperty("code").GetString().ShouldBe("thing-unknown");
        problem.GetProperty("type").GetString().ShouldBe("urn:kontor:problem:thing-unknown");
        problem.GetProperty("hint").GetInt32().ShouldBe(7);
        problem.GetProperty("traceId").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task An_unexpected_exception_says_nothing_but_its_trace_id()
    {
        var (answer, problem) = await Get("/api/things/broken");

        answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        problem.GetProperty("code").GetString().ShouldBe("internal-error");
        problem.GetRawText().ShouldNotContain("secret");
    }

    [Theory]
    [InlineData("/api/things/unknown", HttpStatusCode.NotFound)]
    [InlineData("/api/things/broken", HttpStatusCode.InternalServerError)]
    [InlineData("/health/invariants", HttpStatusCode.Unauthorized)]
    [InlineData("/api/nothing/here", HttpStatusCode.NotFound)]
    public async Task A_client_that_asks_for_something_else_gets_the_problem_all_the_same(string path, HttpStatusCode status)
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Accept.ParseAdd("application/xml");

        var answer = await client.GetAsync(path);

        answer.StatusCode.ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await Read(answer)).GetProperty("code").GetString().ShouldNotBeNullOrEmpty();
    }

    [Theory]
    [InlineData("{", "invalid-request")]
    [InlineData("", "invalid-request")]
    [InlineData("null", "invalid-request")]
    [InlineData("[]", "invalid-request")]
    [InlineData("{}", "validation-failed")]
    [InlineData("""{"pieces": }""", "invalid-request")]
    [InlineData("""{"pieces": 1, "note": "a""", "invalid-request")]
    [InlineData("""{"pieces": "three"}""", "validation-failed")]
    [InlineData("""{"pieces": 1e400}""", "validation-failed")]
    [InlineData("""{"pieces": 1, "note": "a\u0000b"}""", "validation-failed")]
    [InlineData("""{"pieces": 1, "note": "\ud800"}""", "validation-failed")]
    public async Task A_body_that_cannot_be_read_is_400(string body, string code)
    {
        using var client = app.NewClient();
        var id = await app.Thing(pieces: 5);
        var answer = await client.PostAsync($"/api/things/{id}/take", new StringContent(body, Encoding.UTF8, "application/json"));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Read(answer)).GetProperty("code").GetString().ShouldBe(code);
        (await app.PiecesOf(id)).ShouldBe(5);
    }

    [Fact]
    public async Task Broken_JSON_of_our_own_is_no_fault_of_the_caller()
    {
        var (answer, problem) = await Get("/api/things/rotten");
        answer.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        problem.GetProperty("code").GetString().ShouldBe("internal-error");
    }

    [Fact]
    public async Task A_field_that_is_missing_is_named()
    {
        using var client = app.NewClient();
        var answer = await client.PostAsync("/api/things/x/take", new StringContent("{}", Encoding.UTF8, "application/json"));
        (await Read(answer)).GetProperty("errors").GetProperty("pieces")[0].GetString().ShouldBe("This value is missing.");
    }

    [Fact]
    public async Task A_body_of_another_type_is_415_and_one_that_is_too_large_413()
    {
        using var client = app.NewClient();
        var text = await client.PostAsync("/api/things/x/take", new StringContent("{}", Encoding.UTF8, "text/plain"));
        (await Read(text)).GetProperty("code").GetString().ShouldBe("unsupported-media-type");

        var note = new string('x', 10_000_000);
        var large = await client.PostAsync("/api/things/x/take", JsonContent.Create(new { note }));
        (await Read(large)).GetProperty("code").GetString().ShouldBe("body-too-large");
    }

    [Theory]
    [InlineData("application/json; charset=utf-8", 200)]
    [InlineData("application/json; charset=\"UTF-8\"", 200)]
    [InlineData("application/json; charset=utf-7", 415)]
    [InlineData("application/json; charset=made-up", 415)]
    public async Task A_body_is_in_UTF8(string type, int status)
    {
        using var client = app.NewClient();
        using var body = new ByteArrayContent("""{"pieces":1}"""u8.ToArray());
        body.Headers.TryAddWithoutValidation("Content-Type", type);

        var answer = await client.PostAsync($"/api/things/{await app.Thing(pieces: 5)}/take", body);

        ((int)answer.StatusCode).ShouldBe(status);
    }

    [Theory]
    [InlineData("/api/nowhere", "not-found", 404)]
    [InlineData("/api/things/x/take", "method-not-allowed", 405)]
    [InlineData("/api/things/text?q=a%00b", "invalid-request", 400)]
    public async Task What_the_server_itself_refuses_has_a_code_too(string path, string code, int status)
    {
        var (answer, problem) = await Get(path);
        ((int)answer.StatusCode).ShouldBe(status);
        problem.GetProperty("code").GetString().ShouldBe(code);
    }

    private async Task<(HttpResponseMessage Answer, JsonElement Problem)> Get(string path)
    {
        using var client = app.NewClient();
        var answer = await client.GetAsync(path);
        return (answer, await Read(answer));
    }

    private static async Task<JsonElement> Read(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}

using System.Net;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public class IdempotencyTests(ThingsApp app) : IClassFixture<ThingsApp>
{
    [Fact]
    public async Task A_repeated_request_is_answered_again_and_done_once()
    {
        var id = await app.Thing(pieces: 10);

        var first = await app.Take(id, 3, key: "one");
        var second = await app.Take(id, 3, key: "one");

        second.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await second.Content.ReadAsStringAsync()).ShouldBe(await first.Content.ReadAsStringAsync());
        first.Headers.Contains("Idempotent-Replayed").ShouldBeFalse();
        second.Headers.GetValues("Idempotent-Replayed").ShouldBe(["true"]);
        (await app.PiecesOf(id)).ShouldBe(7);
    }

    [Fact]
    public async Task A_repetition_is_known_after_a_restart()
    {
        var id = await app.Thing(pieces: 10);
        await app.Take(id, 3, key: "restart");
        await app.Restart();
        (await app.Take(id, 3, key: "restart")).Headers.Contains("Idempotent-Replayed").ShouldBeTrue();
        (await app.PiecesOf(id)).ShouldBe(7);
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused()
    {
        var id = await app.Thing(pieces: 10);
        await app.Take(id, 3, key: "body");

        var other = await app.Take(id, 4, key: "body");

        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await CodeOf(other)).ShouldBe("idempotency-key-reused");
        (await app.PiecesOf(id)).ShouldBe(7);
    }

    [Fact]
    public async Task The_same_key_for_another_address_is_another_request()
    {
        var (one, two) = (await app.Thing(pieces: 10), await app.Thing(pieces: 10));
        await app.Take(one, 3, key: "address");
        await app.Take(two, 3, key: "address");
        (await app.PiecesOf(two)).ShouldBe(7);
    }

    [Fact]
    public async Task Many_at_once_have_one_effect_and_equal_answers()
    {
        var id = await app.Thing(pieces: 100);

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => app.Take(id, 1, key: "at-once")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        (await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsStringAsync()))).Distinct().Count().ShouldBe(1);
        answers.Count(answer => !answer.Headers.Contains("Idempotent-Replayed")).ShouldBe(1);
        (await app.PiecesOf(id)).ShouldBe(99);
    }

    [Fact]
    public async Task A_refusal_is_not_kept()
    {
        var id = await app.Thing(pieces: 2);
        (await app.Take(id, 3, key: "refused")).StatusCode.ShouldBe(HttpStatusCode.Conflict);
        await app.Database.Write(tx => tx.Execute("UPDATE test_things SET pieces = 10 WHERE id = @id", new { id }).AsTask());

        (await app.Take(id, 3, key: "refused")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.PiecesOf(id)).ShouldBe(7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("with space")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        var id = await app.Thing(pieces: 10);
        var answer = await app.Take(id, 3, key);
        (await CodeOf(answer)).ShouldBe("idempotency-key-invalid");
        (await app.PiecesOf(id)).ShouldBe(10);
    }

    [Fact]
    public async Task A_key_that_is_too_long_is_refused()
    {
        var id = await app.Thing(pieces: 10);
        (await app.Take(id, 3, key: new string('k', 255))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await CodeOf(await app.Take(id, 3, key: new string('k', 256)))).ShouldBe("idempotency-key-invalid");
    }

    private static async Task<string?> CodeOf(HttpResponseMessage answer)
    {
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return problem.RootElement.GetProperty("code").GetString();
    }
}

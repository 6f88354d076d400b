using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>What may lie between a refresh and what follows it.</summary>
public enum Between
{
    Nothing,
    Restart,
    AnotherNode,
}

/// <summary>A refresh token that is presented again: by whom that is forgiven, and by whom the session ends.</summary>
public sealed class AcknowledgedRotationTests : IClassFixture<KontorApp>, IAsyncDisposable
{
    private static readonly TimeSpan LongAfter = TimeSpan.FromHours(2);

    private readonly KontorApp _app;
    private KontorApp? _other;

    public AcknowledgedRotationTests(KontorApp app)
    {
        _app = app;
        _app.Clock.Hold();
    }

    /// <summary>Where what follows is asked.</summary>
    private KontorApp Later => _other ?? _app;

    [Theory]
    [InlineData(Between.Nothing)]
    [InlineData(Between.Restart)]
    [InlineData(Between.AnotherNode)]
    public async Task Sixty_four_parallel_refreshes_have_one_successor(Between between)
    {
        using var robin = await _app.NewPerson();
        await Refreshed(_app, robin.Tokens.RefreshToken, "attempt-1");

        await Pass(between);
        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
            Refreshed(i % 2 == 0 ? _app : Later, robin.Tokens.RefreshToken, i % 3 == 0 ? null : $"attempt-{i}")));

        answers.Select(answer => answer.RefreshToken).Distinct().ShouldHaveSingleItem();
        answers.Select(answer => ClaimOf(answer, "gen")).ShouldAllBe(generation => generation == 1);
        (await EndsOf(robin)).ShouldBeEmpty();
        await Serves(_app, answers[0]);
        await Serves(Later, answers[63]);
        await Refreshed(Later, answers[1].RefreshToken, "attempt-2");
    }

    [Theory]
    [InlineData(Between.Nothing)]
    [InlineData(Between.Restart)]
    [InlineData(Between.AnotherNode)]
    public async Task Sixty_four_first_refreshes_have_one_successor_on_two_nodes_as_on_one(Between between)
    {
        using var robin = await _app.NewPerson();
        await Pass(between);

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i =>
            Refreshed(i % 2 == 0 ? _app : Later, robin.Tokens.RefreshToken, $"attempt-{i}")));

        answers.Select(answer => answer.RefreshToken).Distinct().ShouldHaveSingleItem();
        (await GenerationOf(robin)).ShouldBe(1);
        (await EndsOf(robin)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Between.Nothing)]
    [InlineData(Between.Restart)]
    [InlineData(Between.AnotherNode)]
    public async Task A_lost_answer_is_repeated_hours_later_to_the_same_attempt(Between between)
    {
        using var robin = await _app.NewPerson();
        var lost = await Refreshed(_app, robin.Tokens.RefreshToken, "attempt-1");

        _app.Clock.Advance(LongAfter);
        await Pass(between);
        var repeated = await Refreshed(Later, robin.Tokens.RefreshToken, "attempt-1");
        _app.Clock.Advance(LongAfter);
        var again = await Refreshed(_app, robin.Tokens.RefreshToken, "attempt-1");

        repeated.RefreshToken.ShouldBe(lost.RefreshToken);
        again.RefreshToken.ShouldBe(lost.RefreshToken);
        ClaimOf(again, "gen").ShouldBe(1);
        ClaimOf(again, "exp").ShouldBe(ClaimOf(lost, "exp") + (2 * 2 * 60 * 60));
        (await EndsOf(robin)).ShouldBeEmpty();
        await Serves(Later, again);
    }

    [Theory]
    [InlineData("attempt-2", Between.Nothing)]
    [InlineData("attempt-2", Between.Restart)]
    [InlineData("attempt-2", Between.AnotherNode)]
    [InlineData(null, Between.Nothing)]
    [InlineData(null, Between.Restart)]
    [InlineData(null, Between.AnotherNode)]
    public async Task A_lost_answer_asked_for_hours_later_by_another_attempt_ends_the_session(string? attempt, Between between)
    {
        using var robin = await _app.NewPerson();
        var lost = await Refreshed(_app, robin.Tokens.RefreshToken, "attempt-1");

        _app.Clock.Advance(LongAfter);
        await Pass(between);

        await IsRefused(Later, robin.Tokens.RefreshToken, attempt, "token-reused");
        await HasEnded(robin, lost);
    }

    [Theory]
    [InlineData("refresh", Between.Nothing)]
    [InlineData("refresh", Between.Restart)]
    [InlineData("refresh", Between.AnotherNode)]
    [InlineData("access", Between.Nothing)]
    [InlineData("access", Between.Restart)]
    [InlineData("access", Between.AnotherNode)]
    public async Task The_same_attempt_ends_the_session_once_its_answer_was_used(string use, Between between)
    {
        using var robin = await _app.NewPerson();
        var lost = await Refreshed(_app, robin.Tokens.RefreshToken, "attempt-1");
        if (use == "refresh") await Refreshed(_app, lost.RefreshToken, "attempt-2");
        else await Serves(_app, lost);

        _app.Clock.Advance(LongAfter);
        await Pass(between);

        await IsRefused(Later, robin.Tokens.RefreshToken, "attempt-1", "token-reused");
        await HasEnded(robin, lost);
    }

    [Theory]
    [InlineData(Between.Nothing)]
    [InlineData(Between.Restart)]
    [InlineData(Between.AnotherNode)]
    public async Task An_older_generation_ends_the_session_even_at_once(Between between)
    {
        using var robin = await _app.NewPerson();
        var second = await Refreshed(_app, robin.Tokens.RefreshToken, "attempt-1");
        var third = await Refreshed(_app, second.RefreshToken, "attempt-2");

        await Pass(between);

        await IsRefused(Later, robin.Tokens.RefreshToken, "attempt-1", "token-reused");
        await HasEnded(robin, third);
    }

    [Theory]
    [InlineData(Between.Nothing)]
    [InlineData(Between.Restart)]
    [InlineData(Between.AnotherNode)]
    public async Task The_first_use_on_one_node_counts_on_all_and_gives_late_parallel_requests_ten_seconds(Between between)
    {
        using var robin = await _app.NewPerson();
        var next = await Refreshed(_app, robin.Tokens.RefreshToken, "attempt-1");
        _app.Clock.Advance(LongAfter);
        next = await Refreshed(_app, robin.Tokens.RefreshToken, "attempt-1");
        await Serves(_app, next);
        await Pass(between);

        _app.Clock.Advance(TimeSpan.FromSeconds(10));
        (await Refreshed(Later, robin.Tokens.RefreshToken)).RefreshToken.ShouldBe(next.RefreshToken);
        await Serves(Later, next);
        _app.Clock.Advance(TimeSpan.FromSeconds(1));

        await IsRefused(Later, robin.Tokens.RefreshToken, null, "token-reused");
    }

    public async ValueTask DisposeAsync()
    {
        if (_other is not null) await _other.DisposeAsync();
    }

    private async Task Pass(Between between)
    {
        if (between == Between.Restart) await _app.Restart();
        if (between != Between.AnotherNode) return;
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        _other = await _app.AnotherNode();
    }

    private static async Task<HttpResponseMessage> Refresh(KontorApp node, string refreshToken, string? attempt)
    {
        using var client = node.NewClient();
        return await client.PostAsJsonAsync("/auth/refresh", new { refreshToken, attempt });
    }

    private static async Task<TokenPair> Refreshed(KontorApp node, string refreshToken, string? attempt = null)
    {
        var answer = await Refresh(node, refreshToken, attempt);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<TokenPair>())!;
    }

    private static async Task IsRefused(KontorApp node, string refreshToken, string? attempt, string code)
    {
        var answer = await Refresh(node, refreshToken, attempt);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await answer.Code()).ShouldBe(code);
    }

    private static async Task Serves(KontorApp node, TokenPair tokens)
    {
        using var person = node.As(tokens);
        (await person.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    /// <summary>On every node, for every token, with the reason told once.</summary>
    private async Task HasEnded(Person robin, TokenPair newest)
    {
        foreach (var node in _other is null ? [_app] : new[] { _app, _other })
        {
            // The thief is not told less the second time, and the victim learns why.
            await IsRefused(node, robin.Tokens.RefreshToken, "attempt-9", "token-reused");
            await IsRefused(node, newest.RefreshToken, "attempt-9", "token-reused");
            using var person = node.As(newest);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while ((await person.Client.GetAsync("/users/me", patience.Token)).IsSuccessStatusCode) await Task.Delay(20, patience.Token);
        }

        (await EndsOf(robin)).ShouldHaveSingleItem().ShouldContain("token-reused");
    }

    private Task<long> GenerationOf(Person person) => _app.Database.Read(tx => tx.First<long>(
        "SELECT generation FROM accounts_sessions WHERE user_id = @id", new { id = person.Id }).AsTask());

    private Task<List<string>> EndsOf(Person person) => _app.Database.Read(tx => tx.Query<string>(
        "SELECT payload FROM foundation_events WHERE name = 'accounts.session-ended' AND payload LIKE @user",
        new { user = $"%{person.Id}%" }).AsTask());

    private static long ClaimOf(TokenPair tokens, string name) =>
        JsonSerializer.Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(tokens.AccessToken.Split('.')[1]))
            .GetProperty(name).GetInt64();
}

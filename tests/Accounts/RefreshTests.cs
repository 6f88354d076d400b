using System.Net;
using System.Net.Http.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class RefreshTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task A_refresh_replaces_both_tokens()
    {
        using var robin = await app.NewPerson();

        var fresh = await Refreshed(robin.Tokens.RefreshToken);

        fresh.RefreshToken.ShouldNotBe(robin.Tokens.RefreshToken);
        fresh.RefreshToken.Length.ShouldBeLessThan(200);
        fresh.AccessToken.ShouldNotBe(robin.Tokens.AccessToken);
        fresh.User.Id.ShouldBe(robin.Id);
        // The old access token serves requests that are under way.
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Parallel_requests_without_an_attempt_have_ten_seconds()
    {
        app.Clock.Hold();
        using var robin = await app.NewPerson();
        var first = await Refreshed(robin.Tokens.RefreshToken);

        app.Clock.Advance(TimeSpan.FromSeconds(8));

        (await Refreshed(robin.Tokens.RefreshToken)).RefreshToken.ShouldBe(first.RefreshToken);
        app.Clock.Advance(TimeSpan.FromSeconds(8));
        await IsRefused(robin.Tokens.RefreshToken, null, "token-reused");
    }

    [Theory]
    [InlineData(-3)]
    [InlineData(3)]
    public async Task A_clock_that_is_set_back_or_forward_signs_nobody_out(int hours)
    {
        using var robin = await app.NewPerson();
        var lost = await Refreshed(robin.Tokens.RefreshToken, "attempt-1");

        app.Clock.Advance(TimeSpan.FromHours(hours));
        var repeated = await Refreshed(robin.Tokens.RefreshToken, "attempt-1");
        await IsAlive(repeated);
        app.Clock.Advance(TimeSpan.FromHours(-hours));
        var next = await Refreshed(repeated.RefreshToken, "attempt-2");

        repeated.RefreshToken.ShouldBe(lost.RefreshToken);
        await IsAlive(next);
        (await EventsOf(robin)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_thief_and_a_victim_who_stays_one_behind_do_not_both_go_on()
    {
        using var robin = await app.NewPerson();
        var stolen = robin.Tokens.RefreshToken;
        var victim = await Refreshed(stolen, "victim-1");
        app.Clock.Advance(TimeSpan.FromMinutes(14));

        await IsRefused(stolen, "thief-1", "token-reused");

        await IsRefused(victim.RefreshToken, "victim-2", "token-reused");
        await HasEnded(victim);
    }

    [Fact]
    public async Task A_token_that_was_damaged_or_made_up_changes_nothing()
    {
        using var robin = await app.NewPerson();
        var token = robin.Tokens.RefreshToken;
        var parts = token.Split('.');
        var (sid, secret, mac) = (parts[0], parts[2], parts[3]);
        using var other = await app.NewPerson();

        string[] forged =
        [
            "", ".", "...", "x", token + "x", token + ".", " " + token, token + " ", token + "\n", token[..^1],
            $"{sid}.1.{secret}.{mac}", $"{sid}.00.{secret}.{mac}", $"{sid}.-1.{secret}.{mac}", $"{sid}..{secret}.{mac}",
            $"{sid}.99999999999999999999.{secret}.{mac}",
            $"{sid}.0.{new string('A', 43)}.{mac}", $"{sid}.0.{secret}.{new string('A', 48)}",
            $"{sid}.0.{secret}.{mac}==", $"{sid}.0.{secret}",
            $"{other.Tokens.RefreshToken.Split('.')[0]}.0.{secret}.{mac}", $"{sid.ToUpperInvariant()}.0.{secret}.{mac}",
            $"{sid}.0.{secret}.{other.Tokens.RefreshToken.Split('.')[3]}", $"{sid}.0.{other.Tokens.RefreshToken.Split('.')[2]}.{mac}",
            new string('a', 5000), "é" + token, robin.Tokens.AccessToken,
        ];
        foreach (var one in forged) await IsRefused(one, null, "invalid-token");

        (await EventsOf(robin)).ShouldBeEmpty();
        await IsAlive(robin.Tokens);
        await IsAlive(await Refreshed(token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    public async Task An_attempt_has_1_to_200_characters(int length)
    {
        using var robin = await app.NewPerson();

        var answer = await Refresh(robin.Tokens.RefreshToken, new string('a', length));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBe("validation-failed");
        await Refreshed(robin.Tokens.RefreshToken, new string('a', 200));
    }

    [Fact]
    public async Task An_access_token_that_ran_out_does_not_stand_in_the_way_of_a_refresh()
    {
        using var robin = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromHours(1));

        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);

        // The client sends its old access token with everything it asks.
        var answer = await robin.Client.PostAsJsonAsync("/auth/refresh", new { refreshToken = robin.Tokens.RefreshToken });
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_session_ends_when_it_was_not_used_for_seven_days()
    {
        using var robin = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromDays(6.9));
        var next = await Refreshed(robin.Tokens.RefreshToken);
        app.Clock.Advance(TimeSpan.FromDays(6.9));
        var last = await Refreshed(next.RefreshToken);

        app.Clock.Advance(TimeSpan.FromDays(7.1));

        await IsRefused(last.RefreshToken, null, "invalid-token");
        (await EventsOf(robin)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_session_ends_after_ninety_days_however_much_it_is_used()
    {
        using var robin = await app.NewPerson();
        var tokens = robin.Tokens;
        for (var day = 0; day < 90; day += 5)
        {
            tokens = await Refreshed(tokens.RefreshToken, $"attempt-{day}");
            app.Clock.Advance(TimeSpan.FromDays(5));
        }

        await IsRefused(tokens.RefreshToken, "attempt-90", "invalid-token");
    }

    [Fact]
    public async Task The_database_holds_no_token_and_no_secret()
    {
        using var robin = await app.NewPerson();
        var fresh = await Refreshed(robin.Tokens.RefreshToken, "attempt-1");

        var hash = await app.Database.Read(tx => tx.First<byte[]>(
            "SELECT secret_hash FROM accounts_sessions WHERE user_id = @id", new { id = robin.Id }).AsTask());

        var secret = System.Buffers.Text.Base64Url.DecodeFromChars(fresh.RefreshToken.Split('.')[2]);
        hash.ShouldNotBe(secret);
        hash.ShouldBe(System.Security.Cryptography.SHA256.HashData(secret));
    }

    private async Task<HttpResponseMessage> Refresh(string refreshToken, string? attempt)
    {
        using var client = app.NewClient();
        return await client.PostAsJsonAsync("/auth/refresh", new { refreshToken, attempt });
    }

    private async Task<TokenPair> Refreshed(string refreshToken, string? attempt = null)
    {
        var answer = await Refresh(refreshToken, attempt);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<TokenPair>())!;
    }

    private async Task IsRefused(string refreshToken, string? attempt, string code)
    {
        var answer = await Refresh(refreshToken, attempt);
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, refreshToken);
        (await answer.Code()).ShouldBe(code, refreshToken);
    }

    private async Task IsAlive(TokenPair tokens)
    {
        using var person = app.As(tokens);
        (await person.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task HasEnded(TokenPair tokens)
    {
        using var person = app.As(tokens);
        var answer = await person.Client.GetAsync("/users/me");
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await answer.Code()).ShouldBe("invalid-token");
    }

    private Task<List<string>> EventsOf(Person person) => app.Database.Read(tx => tx.Query<string>(
        "SELECT payload FROM foundation_events WHERE name = 'accounts.session-ended' AND payload LIKE @user",
        new { user = $"%{person.Id}%" }).AsTask());
}

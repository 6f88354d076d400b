using System.Net;
using System.Net.Http.Json;
using Kontor.Accounts.Sessions;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Two requests that touch one session, the second exactly between two steps of the first.</summary>
public class SessionRaceTests(RivalApp app) : IClassFixture<RivalApp>
{
    private ISessions Sessions => app.Services.GetRequiredService<ISessions>();

    [Fact]
    public async Task A_sign_out_before_the_refresh_is_stored_refuses_it()
    {
        using var robin = await app.NewPerson();
        app.Rivals.Before(nameof(ISessions.Refresh), () => robin.Client.PostAsync("/auth/logout", null));

        var answer = await Refresh(robin.Tokens.RefreshToken);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await answer.Code()).ShouldBe("invalid-token");
        await HasEnded(robin.Tokens);
    }

    [Theory]
    [InlineData("/auth/logout")]
    [InlineData("/auth/logout-all")]
    public async Task A_sign_out_after_the_refresh_was_stored_ends_the_tokens_of_its_answer(string signOut)
    {
        using var robin = await app.NewPerson();
        app.Rivals.Before(nameof(IUsers.Find), () => robin.Client.PostAsync(signOut, null));

        var answer = await Refresh(robin.Tokens.RefreshToken);

        if (answer.IsSuccessStatusCode) await HasEnded((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
        else (await answer.Code()).ShouldBe("invalid-token");
        await HasEnded(robin.Tokens);
    }

    [Theory]
    [InlineData(nameof(ISessions.Refresh))]
    [InlineData(nameof(IUsers.Find))]
    public async Task A_session_that_is_revoked_while_it_is_refreshed_stays_ended(string step)
    {
        using var robin = await app.NewPerson();
        app.Rivals.Before(step, () => Sessions.EndAll(robin.Id, EndReason.AccountLocked, default));

        var answer = await Refresh(robin.Tokens.RefreshToken);

        if (answer.IsSuccessStatusCode) await HasEnded((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
        else (await answer.Code()).ShouldBe("invalid-token");
        await HasEnded(robin.Tokens);
    }

    [Fact]
    public async Task A_thief_who_comes_between_a_refresh_and_its_answer_gets_the_same_token_and_no_other()
    {
        using var robin = await app.NewPerson();
        HttpResponseMessage? thief = null;
        app.Rivals.Before(nameof(IUsers.Find), async () => thief = await Refresh(robin.Tokens.RefreshToken, "thief-1"));

        var answer = await Refresh(robin.Tokens.RefreshToken, "robin-1");

        var (victims, thiefs) = (await Read(answer), await Read(thief!));
        victims.RefreshToken.ShouldBe(thiefs.RefreshToken);
        // From here on one of them is a generation ahead, and the other gives both away.
        await Read(await Refresh(thiefs.RefreshToken, "thief-2"));
        app.Clock.Advance(TimeSpan.FromMinutes(14));
        (await (await Refresh(victims.RefreshToken, "robin-2")).Code()).ShouldBe("token-reused");
        await HasEnded(victims);
    }

    [Fact]
    public async Task A_late_first_use_does_not_acknowledge_the_generation_after_it()
    {
        using var robin = await app.NewPerson();
        var second = await Read(await Refresh(robin.Tokens.RefreshToken, "attempt-1"));
        TokenPair? lost = null;
        app.Rivals.Before(nameof(ISessions.Acknowledge), async () => lost = await Read(await Refresh(second.RefreshToken, "attempt-2")));

        using var person = app.As(second);
        (await person.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        // The third generation's answer was lost, and nobody has used it.
        lost.ShouldNotBeNull();
        app.Clock.Advance(TimeSpan.FromHours(2));
        (await Read(await Refresh(second.RefreshToken, "attempt-2"))).RefreshToken.ShouldBe(lost.RefreshToken);
    }

    [Fact]
    public async Task A_first_use_that_meets_the_end_of_its_session_does_not_bring_it_back()
    {
        using var robin = await app.NewPerson();
        var second = await Read(await Refresh(robin.Tokens.RefreshToken, "attempt-1"));
        app.Rivals.Before(nameof(ISessions.Acknowledge), () => Sessions.EndAll(robin.Id, EndReason.PasswordChanged, default));

        using var person = app.As(second);
        await person.Client.GetAsync("/users/me");

        await HasEnded(second);
        (await Sessions.List(robin.Id, default)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_password_change_while_somebody_signs_in_with_the_old_one_leaves_them_outside()
    {
        using var robin = await app.NewPerson();
        app.Rivals.Before(nameof(ISessions.Open), () => app.Database.Write(tx =>
            Sessions.EndAll(tx, robin.Id, EndReason.PasswordChanged, except: robin.Tokens.RefreshToken.Split('.')[0]).AsTask()));
        using var client = app.NewClient();

        var answer = await client.PostAsJsonAsync("/auth/login", new { email = robin.Email, password = robin.Password });

        answer.StatusCode.ShouldBe(HttpStatusCode.Conflict);
        (await answer.Code()).ShouldBe("conflict");
        (await Sessions.List(robin.Id, default)).ShouldHaveSingleItem();
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<HttpResponseMessage> Refresh(string refreshToken, string? attempt = null)
    {
        using var client = app.NewClient();
        return await client.PostAsJsonAsync("/auth/refresh", new { refreshToken, attempt });
    }

    private static async Task<TokenPair> Read(HttpResponseMessage answer)
    {
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<TokenPair>())!;
    }

    private async Task HasEnded(TokenPair tokens)
    {
        using var person = app.As(tokens);
        (await person.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Refresh(tokens.RefreshToken)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}

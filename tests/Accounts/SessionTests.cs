using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Accounts.Sessions;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class SessionTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task A_person_sees_every_session_and_which_is_this_one()
    {
        using var robin = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromSeconds(5));
        using var client = app.NewClient();
        client.DefaultRequestHeaders.UserAgent.ParseAdd(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 (KHTML, like Gecko) Version/18.0 Safari/604.1");
        var answer = await client.PostAsJsonAsync("/auth/login", new { email = robin.Email, password = robin.Password });
        using var phone = app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
        using var stranger = await app.NewPerson();

        var sessions = await ListOf(phone);

        sessions.Select(session => session.GetProperty("device").GetString()).ShouldBe(["Safari (iPhone)", "Unknown device"]);
        sessions.Select(session => session.GetProperty("current").GetBoolean()).ShouldBe([true, false]);
        var created = sessions.Select(session => session.GetProperty("createdAt").GetDateTimeOffset()).ToList();
        created[0].ShouldBeGreaterThan(created[1]);
        sessions[0].GetProperty("lastSeenAt").GetDateTimeOffset().ShouldBe(app.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        (await ListOf(robin)).Select(session => session.GetProperty("current").GetBoolean()).ShouldBe([false, true]);
        (await ListOf(stranger)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Signing_out_takes_effect_at_once_on_access_and_refresh_tokens()
    {
        using var robin = await app.NewPerson();
        using var other = await app.SignIn(robin.Email, robin.Password);
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await robin.Client.PostAsync("/auth/logout", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        await HasEnded(robin);
        await IsAlive(other);
        (await EventsOf(robin)).ShouldHaveSingleItem().ShouldContain("signed-out");
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_every_session_of_this_person_only()
    {
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);
        using var tablet = await app.SignIn(robin.Email, robin.Password);
        using var stranger = await app.NewPerson();

        (await phone.Client.PostAsync("/auth/logout-all", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        foreach (var session in new[] { robin, phone, tablet }) await HasEnded(session);
        await IsAlive(stranger);
        (await EventsOf(robin)).Count.ShouldBe(3);
        using var again = await app.SignIn(robin.Email, robin.Password);
        await IsAlive(again);
    }

    [Fact]
    public async Task A_person_ends_one_of_their_sessions()
    {
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);
        var id = (await ListOf(phone)).Single(session => session.GetProperty("current").GetBoolean()).GetProperty("id").GetString();

        (await robin.Client.DeleteAsync($"/auth/sessions/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await robin.Client.DeleteAsync($"/auth/sessions/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        await HasEnded(phone);
        await IsAlive(robin);
        (await ListOf(robin)).ShouldHaveSingleItem();
        (await EventsOf(robin)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Somebody_elses_session_does_not_exist()
    {
        using var robin = await app.NewPerson();
        using var stranger = await app.NewPerson();
        var id = (await ListOf(robin)).Single().GetProperty("id").GetString();

        foreach (var one in new[] { id, "nothing", "' OR 1=1 --" })
        {
            var answer = await stranger.Client.DeleteAsync($"/auth/sessions/{Uri.EscapeDataString(one!)}");
            answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
            (await answer.Code()).ShouldBe("not-found");
        }

        await IsAlive(robin);
        (await EventsOf(robin)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_ended_session_stays_ended_after_a_restart()
    {
        using var robin = await app.NewPerson();
        await robin.Client.PostAsync("/auth/logout", null);

        await app.Restart();

        using var after = app.As(robin.Tokens);
        await HasEnded(after);
    }

    [Fact]
    public async Task A_session_that_another_node_ended_is_refused_even_if_the_message_was_lost()
    {
        using var robin = await app.NewPerson();
        await IsAlive(robin);

        await app.Database.Write(tx => tx.Execute("""
            UPDATE accounts_sessions SET ended_at = @now, ended_because = 'signed-out' WHERE user_id = @id;
            INSERT INTO accounts_revocations (id, below, revoked_at)
            SELECT id, 9223372036854775807, @now FROM accounts_sessions WHERE user_id = @id
            """, new { id = robin.Id, now = app.Clock.GetUtcNow().ToUnixTimeMilliseconds() }).AsTask());

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await robin.Client.GetAsync("/users/me", patience.Token)).IsSuccessStatusCode) await Task.Delay(50, patience.Token);
        await HasEnded(robin);
    }

    [Fact]
    public async Task A_refresh_and_a_sign_out_at_once_leave_nothing_alive()
    {
        using var anybody = app.NewClient();
        for (var round = 0; round < 20; round++)
        {
            using var robin = await app.NewPerson();

            var refreshes = Enumerable.Range(0, 4).Select(_ =>
                anybody.PostAsJsonAsync("/auth/refresh", new { refreshToken = robin.Tokens.RefreshToken })).ToList();
            var signOut = robin.Client.PostAsync("/auth/logout", null);
            (await signOut).StatusCode.ShouldBe(HttpStatusCode.NoContent);

            foreach (var answer in await Task.WhenAll(refreshes))
            {
                if (!answer.IsSuccessStatusCode)
                {
                    (await answer.Code()).ShouldBe("invalid-token");
                    continue;
                }

                using var fresh = app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
                await HasEnded(fresh);
            }
        }
    }

    [Fact]
    public async Task The_first_use_of_new_tokens_is_stored_once()
    {
        using var robin = await app.NewPerson();
        var answer = await robin.Client.PostAsJsonAsync("/auth/refresh", new { refreshToken = robin.Tokens.RefreshToken });
        robin.Use((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
        (await AcknowledgedAt(robin)).ShouldBeNull();

        var uses = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => robin.Client.GetAsync("/users/me")));
        uses.ShouldAllBe(use => use.StatusCode == HttpStatusCode.OK);
        var first = await AcknowledgedAt(robin);
        first.ShouldNotBeNull();

        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await IsAlive(robin);
        (await AcknowledgedAt(robin)).ShouldBe(first);
    }

    [Theory]
    [InlineData("", "Unknown device")]
    [InlineData("Kontor/1.4 (Android 15)", "Kontor/1.4")]
    [InlineData("curl/8.7.1", "curl/8.7.1")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537 (KHTML) Chrome/130.0 Safari/537 Edg/130.0", "Edge (Windows)")]
    [InlineData("Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537 (KHTML) Chrome/130.0 Mobile Safari/537", "Chrome (Android)")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 15) AppleWebKit/605 (KHTML) Version/18 Safari/605", "Safari (Mac)")]
    [InlineData(
        "aVeryLongNameWithoutAnySpaceThatGoesOnAndOnAndOnAndOnAndOnAndOnAndOn",
        "aVeryLongNameWithoutAnySpaceThatGoesOnAndOnAndOnAndOnAndOnAn")]
    public void A_device_is_called_what_its_owner_would_call_it(string agent, string device)
    {
        var http = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        http.Request.Headers.UserAgent = agent;
        Device.Of(http.Request).Name.ShouldBe(device);
    }

    private static async Task<List<JsonElement>> ListOf(Person person)
    {
        var answer = await person.Client.GetFromJsonAsync<JsonElement>("/auth/sessions");
        return [.. answer.GetProperty("sessions").EnumerateArray()];
    }

    private static async Task IsAlive(Person person) =>
        (await person.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

    private async Task HasEnded(Person person)
    {
        var answer = await person.Client.GetAsync("/users/me");
        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await answer.Code()).ShouldBe("invalid-token");
        using var anybody = app.NewClient();
        var refresh = await anybody.PostAsJsonAsync("/auth/refresh", new { refreshToken = person.Tokens.RefreshToken });
        refresh.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await refresh.Code()).ShouldBe("invalid-token");
    }

    private Task<long?> AcknowledgedAt(Person person) => app.Database.Read(tx => tx.First<long?>(
        "SELECT acknowledged_at FROM accounts_sessions WHERE user_id = @id", new { id = person.Id }).AsTask());

    private Task<List<string>> EventsOf(Person person) => app.Database.Read(tx => tx.Query<string>(
        "SELECT payload FROM foundation_events WHERE name = 'accounts.session-ended' AND payload LIKE @user",
        new { user = $"%{person.Id}%" }).AsTask());
}

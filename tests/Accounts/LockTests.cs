using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class LockTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task A_locked_person_is_signed_out_everywhere_and_cannot_sign_in()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);

        var answer = await Lock(admin, robin, "  Sent a thousand orders  ");

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        var account = await answer.Content.ReadFromJsonAsync<JsonElement>();
        account.GetProperty("lockedBecause").GetString().ShouldBe("Sent a thousand orders");
        account.GetProperty("lockedAt").GetDateTimeOffset().ShouldBe(app.Clock.GetUtcNow(), TimeSpan.FromMinutes(1));
        foreach (var session in new[] { robin, phone })
        {
            (await (await session.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
            (await (await Refresh(session)).Code()).ShouldBe("invalid-token");
        }

        var signIn = await Login(robin.Email, robin.Password);
        signIn.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await signIn.Code()).ShouldBe("account-locked");
        (await signIn.Content.ReadAsStringAsync()).ShouldNotContain("thousand");
        (await app.AuditOf(robin))[^1].ShouldBe(("account-locked", admin.Id, """{"reason":"Sent a thousand orders"}"""));
    }

    [Fact]
    public async Task Who_does_not_know_the_password_does_not_learn_that_an_account_is_locked()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        await Lock(admin, robin);

        (await (await Login(robin.Email, "another long phrase")).Code()).ShouldBe("invalid-credentials");
    }

    [Fact]
    public async Task Who_is_unlocked_signs_in_again_and_old_sessions_stay_ended()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        await Lock(admin, robin);

        var answer = await admin.Client.PostAsync($"/api/admin/users/{robin.Id}/unlock", null);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("lockedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        (await (await Refresh(robin)).Code()).ShouldBe("invalid-token");
        using var again = await app.SignIn(robin.Email, robin.Password);
        (await again.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.AuditOf(robin))[^1].ShouldBe(("account-unlocked", admin.Id, "{}"));
    }

    [Fact]
    public async Task Doing_it_twice_keeps_the_first_reason_and_is_noted_once()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        await admin.Client.PostAsync($"/api/admin/users/{robin.Id}/unlock", null);

        await Lock(admin, robin, "First");
        var again = await (await Lock(admin, robin, "Second")).Content.ReadFromJsonAsync<JsonElement>();

        again.GetProperty("lockedBecause").GetString().ShouldBe("First");
        (await app.AuditOf(robin)).Count(entry => entry.Action.StartsWith("account-", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("two\nlines")]
    [InlineData("too long")]
    public async Task A_lock_says_why_in_one_line(string? reason)
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();

        var answer = await Lock(admin, robin, reason == "too long" ? new string('x', 501) : reason);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBe("validation-failed");
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Nobody_locks_their_own_account()
    {
        using var admin = await app.Admin();

        (await (await Lock(admin, admin)).Code()).ShouldBe("own-lock");

        (await admin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_two_administrators_who_lock_each_other_at_once_one_remains()
    {
        for (var round = 0; round < 5; round++)
        {
            using var one = await app.NewAdmin();
            using var other = await app.NewAdmin();

            var answers = await Task.WhenAll(Lock(one, other), Lock(other, one));

            answers.Count(answer => answer.StatusCode == HttpStatusCode.OK).ShouldBe(1);
            // The second is refused by what the database says, or already by what his node has heard.
            var code = await answers.Single(answer => answer.StatusCode != HttpStatusCode.OK).Code();
            new[] { "forbidden", "invalid-token" }.ShouldContain(code);
            var locked = answers[0].IsSuccessStatusCode ? other : one;
            (await (await Login(locked.Email, locked.Password)).Code()).ShouldBe("account-locked");
            await app.NoMoreAdmins(one, other);
        }
    }

    [Fact]
    public async Task A_sign_in_that_is_under_way_does_not_outlive_the_lock()
    {
        using var admin = await app.Admin();
        for (var round = 0; round < 5; round++)
        {
            using var robin = await app.NewPerson();

            var signIns = Enumerable.Range(0, 4).Select(_ => Login(robin.Email, robin.Password)).ToList();
            (await Lock(admin, robin)).StatusCode.ShouldBe(HttpStatusCode.OK);

            foreach (var answer in await Task.WhenAll(signIns))
            {
                if (!answer.IsSuccessStatusCode)
                {
                    new[] { "account-locked", "conflict" }.ShouldContain(await answer.Code());
                    continue;
                }

                using var signedIn = app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
                (await (await signedIn.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
                (await (await Refresh(signedIn)).Code()).ShouldBe("invalid-token");
            }
        }
    }

    [Fact]
    public async Task An_administrator_sees_somebodys_sessions_and_ends_one()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);
        var sessions = await SessionsOf(admin, robin);
        sessions.Count.ShouldBe(2);
        sessions[0].GetProperty("device").GetString().ShouldBe("Unknown device");
        sessions[0].GetProperty("network").GetString().ShouldBe("127.0.0.0/24");
        var id = phone.Tokens.RefreshToken.Split('.')[0];

        for (var i = 0; i < 2; i++)
        {
            var answer = await admin.Client.DeleteAsync($"/api/admin/users/{robin.Id}/sessions/{id}");
            answer.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        }

        (await (await phone.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SessionsOf(admin, robin)).ShouldHaveSingleItem();
        (await app.AuditOf(robin)).Count(entry => entry.Action == "session-ended" && entry.By == admin.Id).ShouldBe(1);
    }

    [Fact]
    public async Task An_administrator_ends_all_sessions_of_somebody_and_nobody_elses()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);
        using var stranger = await app.NewPerson();

        (await admin.Client.DeleteAsync($"/api/admin/users/{robin.Id}/sessions")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        foreach (var ended in new[] { robin, phone }) (await (await ended.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
        (await stranger.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await SessionsOf(admin, robin)).ShouldBeEmpty();
        (await app.AuditOf(robin))[^1].ShouldBe(("sessions-ended", admin.Id, "{}"));
    }

    [Fact]
    public async Task A_session_is_ended_as_the_one_of_its_owner_only()
    {
        using var admin = await app.Admin();
        using var robin = await app.NewPerson();
        using var stranger = await app.NewPerson();
        var id = robin.Tokens.RefreshToken.Split('.')[0];

        (await (await admin.Client.DeleteAsync($"/api/admin/users/{stranger.Id}/sessions/{id}")).Code()).ShouldBe("not-found");

        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.AuditOf(stranger)).ShouldNotContain(entry => entry.Action == "session-ended");
    }

    [Fact]
    public async Task Roles_and_locks_count_on_every_node_within_a_second()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        await using var other = await app.AnotherNode();
        using var admin = await app.Admin();
        using var second = await app.NewAdmin();
        using var robin = await app.NewPerson();
        using var secondThere = other.As(second.Tokens);
        using var robinThere = other.As(robin.Tokens);
        (await secondThere.Client.GetAsync("/api/admin/users")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await robinThere.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);

        (await admin.Client.DeleteAsync($"/api/admin/users/{second.Id}/roles/admin")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await IsRefused(secondThere, "/api/admin/users");
        (await Lock(admin, robin)).StatusCode.ShouldBe(HttpStatusCode.OK);
        await IsRefused(robinThere, "/users/me");

        using var anybody = other.NewClient();
        var signIn = await anybody.PostAsJsonAsync("/auth/login", new { email = robin.Email, password = robin.Password });
        (await signIn.Code()).ShouldBe("account-locked");
        using var customer = await other.Refreshed(secondThere);
        (await customer.Client.GetAsync("/api/admin/users")).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    /// <summary>How long it may take is not measured here, on a machine that may be busy: a second is what an idle one keeps.</summary>
    private static async Task IsRefused(Person person, string path)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        while ((await person.Client.GetAsync(path)).StatusCode != HttpStatusCode.Unauthorized)
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(30));
            await Task.Delay(10);
        }
    }

    private static Task<HttpResponseMessage> Lock(Person admin, Person person, string? reason = "Because") =>
        admin.Client.PostAsJsonAsync($"/api/admin/users/{person.Id}/lock", new { reason });

    private static async Task<List<JsonElement>> SessionsOf(Person admin, Person person)
    {
        var answer = await admin.Client.GetFromJsonAsync<JsonElement>($"/api/admin/users/{person.Id}/sessions");
        return [.. answer.GetProperty("sessions").EnumerateArray()];
    }

    private async Task<HttpResponseMessage> Login(string email, string password)
    {
        using var client = app.NewClient();
        return await client.PostAsJsonAsync("/auth/login", new { email, password });
    }

    private async Task<HttpResponseMessage> Refresh(Person person)
    {
        using var client = app.NewClient();
        return await client.PostAsJsonAsync("/auth/refresh", new { refreshToken = person.Tokens.RefreshToken });
    }
}

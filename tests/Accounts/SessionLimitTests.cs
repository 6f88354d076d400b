using System.Net;
using Kontor.Foundation.Http;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>An account has so many sessions at once, and no more.</summary>
public class SessionLimitTests(SessionLimitTests.ThreeApp app) : IClassFixture<SessionLimitTests.ThreeApp>
{
    private const string Letter = "You were signed in on too many devices";

    public sealed class ThreeApp : KontorApp
    {
        protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

        protected override void Configure(WebApplicationBuilder builder)
        {
            builder.Services.PostConfigure<AccountOptions>(options => options.SessionsMax = 3);
            builder.Services.PostConfigure<LimitOptions>(
                limits => (limits.AuthPerFiveMinutes, limits.RequestsPerMinute) = (1_000_000, 1_000_000));
        }
    }

    [Fact]
    public async Task One_more_ends_the_one_that_was_used_longest_ago_and_its_owner_is_told_once_a_day()
    {
        using var first = await app.NewConfirmedPerson();
        using var stranger = await app.NewPerson();
        using var second = await SignInLater(first);
        using var third = await SignInLater(first);
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        await app.Refreshed(first);

        using var fourth = await SignInLater(first);

        (await IsAlive(second)).ShouldBeFalse();
        foreach (var other in new[] { first, third, fourth, stranger }) (await IsAlive(other)).ShouldBeTrue();
        using var fifth = await SignInLater(first);
        (await IsAlive(third)).ShouldBeFalse();
        (await EndedOf(first)).ShouldBe(["too-many-sessions", "too-many-sessions"]);
        var letter = (await app.MailsTo(first.Email)).Where(mail => mail.Subject == Letter).ShouldHaveSingleItem();
        letter.Text.ShouldContain("Unknown device");
        letter.Text.ShouldContain("/account/sessions");

        app.Clock.Advance(TimeSpan.FromDays(1));
        using var tomorrow = await SignInLater(first);
        (await app.MailsTo(first.Email)).Count(mail => mail.Subject == Letter).ShouldBe(2);
    }

    [Fact]
    public async Task Many_who_sign_in_at_once_are_no_more_either()
    {
        using var robin = await app.NewPerson();

        var many = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => app.SignIn(robin.Email, robin.Password)));

        var alive = 0;
        foreach (var person in many.Append(robin)) alive += await IsAlive(person) ? 1 : 0;
        alive.ShouldBe(3);
        (await EndedOf(robin)).Count.ShouldBe(3);
        foreach (var person in many) person.Dispose();
    }

    [Fact]
    public async Task A_session_that_has_ended_or_run_out_takes_no_place()
    {
        using var first = await app.NewPerson();
        using var second = await app.SignIn(first.Email, first.Password);
        using var third = await app.SignIn(first.Email, first.Password);
        await second.Client.PostAsync("/auth/logout", null);

        using var fourth = await app.SignIn(first.Email, first.Password);
        app.Clock.Advance(TimeSpan.FromDays(8));
        using var fifth = await app.SignIn(first.Email, first.Password);

        (await EndedOf(first)).ShouldBe(["signed-out"]);
    }

    private async Task<Person> SignInLater(Person person)
    {
        app.Clock.Advance(TimeSpan.FromMinutes(1));
        return await app.SignIn(person.Email, person.Password);
    }

    private async Task<bool> IsAlive(Person person)
    {
        using var answer = await person.Client.GetAsync("/users/me");
        if (answer.StatusCode != HttpStatusCode.OK) (await answer.Code()).ShouldBe("invalid-token");
        return answer.IsSuccessStatusCode;
    }

    private Task<List<string>> EndedOf(Person person) => app.Database.Read(tx => tx.Query<string>("""
        SELECT ended_because FROM accounts_sessions
        WHERE user_id = @id AND ended_at IS NOT NULL
        ORDER BY ended_at
        """, new { id = person.Id }).AsTask());
}

using System.Net;
using Kontor.Accounts.Email;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>What guards sign-ins is stored for a while and then goes, however much of it somebody causes.</summary>
public class TidyingTests(VerifyFirstTests.VerifyFirstApp app) : IClassFixture<VerifyFirstTests.VerifyFirstApp>
{
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private long Now => app.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    [Fact]
    public async Task Sessions_and_revocations_go_a_month_after_their_end()
    {
        using var admin = await app.Admin();
        using var ended = await app.Admin();
        await ended.Client.PostAsync("/auth/logout", null);
        using var alive = await app.Admin();
        var (endedId, aliveId) = (SessionOf(ended), SessionOf(alive));
        var sessions = app.Services.GetRequiredService<ISessions>();

        app.Clock.Advance(TimeSpan.FromDays(6));
        await app.Refreshed(alive);
        await sessions.Forget(Now - (long)Month.TotalMilliseconds, default);
        (await Rows("accounts_sessions", endedId)).ShouldBe(1);
        (await Rows("accounts_revocations", endedId)).ShouldBe(1);

        // What ended at once would have run out a week after, and goes a month after that.
        app.Clock.Advance(Month + TimeSpan.FromDays(2));
        await sessions.Forget(Now - (long)Month.TotalMilliseconds, default);

        (await Rows("accounts_sessions", endedId)).ShouldBe(0);
        (await Rows("accounts_revocations", endedId)).ShouldBe(0);
        (await Rows("accounts_sessions", aliveId)).ShouldBe(1);
    }

    [Fact]
    public async Task Links_go_when_the_longest_of_them_is_over()
    {
        await app.Post("/auth/password/forgot", new { email = "ada@kontor.example" });
        await app.MailTo("ada@kontor.example", "Choose a new password");
        var before = await All("accounts_links");
        before.ShouldBeGreaterThan(0);
        var links = app.Services.GetRequiredService<Links>();

        app.Clock.Advance(TimeSpan.FromMilliseconds(Links.UndoLifetimeMs));
        await app.Database.Write(tx => links.Tidy(tx).AsTask());
        (await All("accounts_links")).ShouldBe(before);
        app.Clock.Advance(TimeSpan.FromDays(2));
        await app.Database.Write(tx => links.Tidy(tx).AsTask());

        (await All("accounts_links")).ShouldBe(0);
    }

    [Fact]
    public async Task Registrations_go_an_hour_after_their_link()
    {
        for (var i = 0; i < 3; i++)
        {
            var wanted = new { email = Given.NewEmail(), password = Given.Password };
            (await app.Post("/auth/register", wanted)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
            await app.MailTo(wanted.email, "Confirm your e-mail address");
        }

        var registrations = app.Services.GetRequiredService<Registrations>();
        await app.Database.Write(tx => registrations.Tidy(tx).AsTask());
        (await All("accounts_registrations")).ShouldBe(3);

        app.Clock.Advance(TimeSpan.FromMilliseconds(Links.LifetimeMs) + TimeSpan.FromHours(1) + TimeSpan.FromMinutes(1));
        await app.Database.Write(tx => registrations.Tidy(tx).AsTask());

        (await All("accounts_registrations")).ShouldBe(0);
    }

    [Fact]
    public async Task What_was_used_once_is_known_until_it_would_be_refused_for_its_age()
    {
        var spent = app.Services.GetRequiredService<Spent>();
        for (var i = 0; i < 3; i++) (await spent.Use($"challenge-{i}", Now + 1000, default)).ShouldBeTrue();
        (await spent.Use("challenge-0", Now + 1000, default)).ShouldBeFalse();

        app.Clock.Advance(TimeSpan.FromDays(2));
        (await spent.Use("another", Now + 1000, default)).ShouldBeTrue();

        (await All("accounts_spent")).ShouldBe(1);
    }

    private static string SessionOf(Person person) => person.Tokens.RefreshToken.Split('.')[0];

    private Task<long> Rows(string table, string id) => app.Database.Read(
        tx => tx.First<long>($"SELECT COUNT(*) FROM {table} WHERE id = @id", new { id }).AsTask());

    private Task<long> All(string table) => app.Database.Read(tx => tx.First<long>($"SELECT COUNT(*) FROM {table}").AsTask());
}

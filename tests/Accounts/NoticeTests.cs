using System.Net.Http.Json;
using Kontor.Accounts.Factors;
using Kontor.Foundation.Events;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>What the owner of an account is told by letter.</summary>
public class NoticeTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const string NewSignIn = "A new sign-in to your account";
    private const string Chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537 (KHTML) Chrome/130.0 Safari/537";

    [Fact]
    public async Task A_sign_in_from_a_device_that_was_never_seen_is_told()
    {
        using var robin = await app.NewConfirmedPerson();
        await SignInWith(robin, Chrome);

        var mail = await app.MailTo(robin.Email, NewSignIn);

        mail.ToName.ShouldBe("Robin Example");
        mail.Text.ShouldContain("Chrome (Windows)");
        mail.Text.ShouldContain("127.0.0.0/24");
        mail.Html.ShouldContain($"{app.Address}account");
    }

    [Fact]
    public async Task A_device_that_is_known_is_not_told_again_and_neither_is_the_first_of_all()
    {
        using var robin = await app.NewConfirmedPerson();
        using var again = await app.SignIn(robin.Email, Given.Password);
        (await app.MailsTo(robin.Email)).ShouldNotContain(mail => mail.Subject == NewSignIn);

        for (var i = 0; i < 3; i++) await SignInWith(robin, Chrome);
        (await app.MailsTo(robin.Email)).Count(mail => mail.Subject == NewSignIn).ShouldBe(1);
    }

    [Fact]
    public async Task A_device_is_known_by_its_cookie_too()
    {
        using var robin = await app.NewConfirmedPerson();
        var cookie = await SignInWith(robin, Chrome);

        // An update changed what the browser calls itself.
        await SignInWith(robin, "Kontor/2.0", cookie);
        (await app.MailsTo(robin.Email)).Count(mail => mail.Subject == NewSignIn).ShouldBe(1);

        using var other = await app.NewConfirmedPerson();
        await SignInWith(other, "Kontor/2.0", cookie);
        (await app.MailsTo(other.Email)).Count(mail => mail.Subject == NewSignIn).ShouldBe(1);
    }

    [Fact]
    public async Task A_session_that_two_had_is_told_and_one_that_its_owner_ended_is_not()
    {
        using var robin = await app.NewConfirmedPerson();
        using var ended = await app.SignIn(robin.Email, Given.Password);
        await ended.Client.PostAsync("/auth/logout", null);
        var stolen = robin.Tokens.RefreshToken;
        var fresh = await app.Post("/auth/refresh", new { refreshToken = stolen });
        var next = (await fresh.Content.ReadFromJsonAsync<TokenPair>())!;
        await app.Post("/auth/refresh", new { refreshToken = next.RefreshToken });
        app.Clock.Advance(TimeSpan.FromMinutes(1));

        (await (await app.Post("/auth/refresh", new { refreshToken = stolen })).Code()).ShouldBe("token-reused");

        var mails = await app.MailsTo(robin.Email);
        mails.Count(mail => mail.Subject == "We signed you out on one device").ShouldBe(1);
    }

    [Theory]
    [InlineData("totp", "added", "An authenticator app was added to your account")]
    [InlineData("totp", "removed", "The authenticator app was removed from your account")]
    [InlineData("passkey", "added", "A passkey was added to your account")]
    [InlineData("passkey", "removed", "A passkey was removed from your account")]
    [InlineData("recovery-codes", "used", "A recovery code was used to sign in to your account")]
    [InlineData("something-new", "added", "The ways to sign in to your account were changed")]
    public async Task A_change_of_factors_is_told(string factor, string change, string subject)
    {
        using var robin = await app.NewConfirmedPerson();
        var outbox = app.Services.GetRequiredService<Outbox>();
        await app.Database.Write(tx => outbox.Add(
            tx, new FactorChanged(robin.Id, factor, change, app.Clock.GetUtcNow().ToUnixTimeMilliseconds())).AsTask());

        (await app.MailsTo(robin.Email)).Count(mail => mail.Subject == subject).ShouldBe(1);
    }

    [Fact]
    public async Task A_handler_that_runs_twice_sends_one_letter_and_its_link_works()
    {
        using var robin = await app.NewPerson();
        await SignInWith(robin, Chrome);
        await app.Post("/auth/password/forgot", new { email = robin.Email });
        var before = await app.MailsTo(robin.Email);
        before.Count.ShouldBe(3);

        var handlers = app.Services.GetServices<IEventHandler>().ToList();
        var events = await app.Database.Read(tx => tx.Query<StoredEvent>(
            "SELECT id, name, payload, created_at FROM foundation_events WHERE payload LIKE @user",
            new { user = $"%{robin.Id}%" }).AsTask());
        foreach (var stored in events)
            foreach (var handler in handlers.Where(handler => handler.Event == stored.Name)) await handler.Handle(stored, default);

        (await app.MailsTo(robin.Email)).Select(mail => mail.Id).ShouldBe(before.Select(mail => mail.Id));
        var reset = before.Single(mail => mail.Subject == "Choose a new password");
        var answer = await app.Post("/auth/password/reset", new { token = reset.Token, newPassword = Given.NewPassword });
        answer.IsSuccessStatusCode.ShouldBeTrue();
    }

    /// <summary>The cookie by which the device is known from now on.</summary>
    private async Task<string> SignInWith(Person person, string agent, string? cookie = null)
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.UserAgent.ParseAdd(agent);
        if (cookie is not null) client.DefaultRequestHeaders.Add("Cookie", cookie);
        var answer = await client.PostAsJsonAsync("/auth/login", new { email = person.Email, password = Given.Password });
        answer.EnsureSuccessStatusCode();
        var cookies = answer.Headers.GetValues("Set-Cookie");
        return cookies.Single(set => set.StartsWith("kontor_device=", StringComparison.Ordinal)).Split(';')[0];
    }
}

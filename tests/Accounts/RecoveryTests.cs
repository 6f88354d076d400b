using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Which factors an account has after its owner took it back from whoever changed its address.</summary>
public class RecoveryTests(FactorsApp app) : IClassFixture<FactorsApp>
{
    [Fact]
    public async Task What_a_thief_added_lets_nobody_in()
    {
        using var robin = await app.NewConfirmedPerson();
        await AddTotp(robin);
        await app.AddPasskey(robin, app.NewAuthenticator());
        app.Clock.Advance(TimeSpan.FromMinutes(5));

        await ChangeAndTakeBack(robin);

        (await FactorsOf(robin)).ShouldBe((0, 0, 0));
        var mails = await app.MailsTo(robin.Email);
        mails.ShouldContain(mail => mail.Subject == "The authenticator app was removed from your account");
        mails.ShouldContain(mail => mail.Subject == "A passkey was removed from your account");
    }

    [Fact]
    public async Task What_the_owner_had_before_still_guards_the_account()
    {
        using var robin = await app.NewConfirmedPerson();
        var secret = await AddTotp(robin);
        await app.AddPasskey(robin, app.NewAuthenticator());
        app.Clock.Advance(TimeSpan.FromHours(25));
        var answer = await app.Login(robin, app.CodeOf(secret));
        using var later = app.As((await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<TokenPair>())!);

        await ChangeAndTakeBack(later);

        (await FactorsOf(robin)).ShouldBe((1, 1, 10));
    }

    [Fact]
    public async Task Whoever_opened_an_account_with_a_strangers_address_has_no_way_in_once_its_owner_comes()
    {
        using var squatter = await app.NewPerson();
        var key = app.NewAuthenticator();
        await app.AddPasskey(squatter, key);
        await app.Post("/auth/password/forgot", new { email = squatter.Email });
        var mail = await app.MailTo(squatter.Email, "Choose a new password");

        (await app.Post("/auth/password/reset", new { token = mail.Token, newPassword = Given.NewPassword })).EnsureSuccessStatusCode();

        (await (await app.Answer(key)).Code()).ShouldBe("passkey-refused");
        (await FactorsOf(squatter)).ShouldBe((0, 0, 0));
        (await app.Login(squatter.Email, Given.NewPassword)).ShouldBe(200);
    }

    [Fact]
    public async Task A_passkey_of_somebody_whose_address_was_confirmed_outlives_a_new_password()
    {
        using var robin = await app.NewConfirmedPerson();
        var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        await app.Post("/auth/password/forgot", new { email = robin.Email });
        var mail = await app.MailTo(robin.Email, "Choose a new password");

        (await app.Post("/auth/password/reset", new { token = mail.Token, newPassword = Given.NewPassword })).EnsureSuccessStatusCode();

        await app.SignIn(key);
    }

    private async Task ChangeAndTakeBack(Person person)
    {
        var fresh = Given.NewEmail();
        (await person.Client.PostAsJsonAsync("/auth/email", new { email = fresh })).EnsureSuccessStatusCode();
        var confirm = await app.MailTo(fresh, "Confirm your new e-mail address");
        (await app.Post("/auth/email/verify", new { token = confirm.Token })).EnsureSuccessStatusCode();
        var undo = await app.MailTo(person.Email, "Your e-mail address was changed");
        (await app.Post("/auth/email/undo", new { token = undo.Token })).EnsureSuccessStatusCode();
    }

    /// <summary>The secret of an authenticator app.</summary>
    private async Task<string> AddTotp(Person person)
    {
        app.NextStep();
        var proposal = await (await person.Client.PostAsync("/auth/mfa/totp", null)).Content.ReadFromJsonAsync<JsonElement>();
        var secret = proposal.GetProperty("secret").GetString()!;
        (await person.Client.PostAsJsonAsync("/auth/mfa/totp/confirm", new { code = app.CodeOf(secret) })).EnsureSuccessStatusCode();
        return secret;
    }

    private async Task<(long Totp, long Passkeys, long Codes)> FactorsOf(Person person) => await app.Database.Read(async tx => (
        await tx.First<long>("SELECT count(*) FROM accounts_totp WHERE user_id = @id", new { id = person.Id }),
        await tx.First<long>("SELECT count(*) FROM accounts_passkeys WHERE user_id = @id", new { id = person.Id }),
        await tx.First<long>("SELECT count(*) FROM accounts_recovery_codes WHERE user_id = @id", new { id = person.Id })));
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>An account gets another address, and its owner gets it back.</summary>
public class EmailChangeTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const string Confirm = "Confirm your new e-mail address";
    private const string Changed = "Your e-mail address was changed";

    [Fact]
    public async Task An_address_is_changed_when_the_new_one_is_confirmed_and_the_old_one_is_told()
    {
        using var robin = await app.NewConfirmedPerson();
        var fresh = Given.NewEmail();
        (await Ask(robin, fresh)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var mail = await app.MailTo(fresh, Confirm);
        mail.ToName.ShouldBeEmpty();
        (await EmailOf(robin)).ShouldBe(robin.Email);
        (await app.MailsTo(robin.Email)).ShouldNotContain(one => one.Subject == Changed);

        (await app.Post("/auth/email/verify", new { token = mail.Token })).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await EmailOf(robin)).ShouldBe(fresh);
        (await app.Login(fresh, Given.Password)).ShouldBe(200);
        (await app.Login(robin.Email, Given.Password)).ShouldBe(401);
        var told = await app.MailTo(robin.Email, Changed);
        told.ToName.ShouldBe("Robin Example");
        // The old address may be somebody else's by now.
        told.Text.ShouldNotContain(fresh);
        (await (await app.Post("/auth/email/verify", new { token = mail.Token })).Code()).ShouldBe("link-invalid");
    }

    [Fact]
    public async Task The_owner_of_the_old_address_takes_the_account_back()
    {
        using var robin = await app.NewConfirmedPerson();
        using var thief = await app.SignIn(robin.Email, Given.Password);
        var (his, another) = (Given.NewEmail(), Given.NewEmail());
        await Change(thief, his);
        var undo = await app.MailTo(robin.Email, Changed);
        // Neither a further change nor a new password takes the way back from the owner, nor does a week.
        await Change(thief, another);
        await thief.Client.PostAsJsonAsync("/auth/password", new { currentPassword = Given.Password, newPassword = Given.NewPassword });
        app.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(5));
        using var thiefLater = await app.SignIn(another, Given.NewPassword);

        using var browser = app.NewBrowser();
        await browser.Open($"/undo-email?token={undo.Token}");
        (await EmailOf(thiefLater)).ShouldBe(another);
        await browser.Submit("/undo-email");

        browser.Html.ShouldContain("Your account is yours again");
        (await (await thiefLater.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
        foreach (var email in new[] { robin.Email, his, another })
        {
            (await app.Login(email, Given.NewPassword)).ShouldBe(401);
            (await app.Login(email, Given.Password)).ShouldBe(401);
        }

        var reset = await app.MailTo(robin.Email, "Choose a new password");
        (await app.Post("/auth/password/reset", new { token = reset.Token, newPassword = "yet another sentence" })).StatusCode
            .ShouldBe(HttpStatusCode.NoContent);
        (await app.Login(robin.Email, "yet another sentence")).ShouldBe(200);
        // The thief's own ways back are gone.
        var his2 = await app.MailTo(his, Changed);
        (await (await app.Post("/auth/email/undo", new { token = his2.Token })).Code()).ShouldBe("link-invalid");
        (await (await app.Post("/auth/email/undo", new { token = undo.Token })).Code()).ShouldBe("link-invalid");
    }

    [Fact]
    public async Task A_thief_who_takes_the_account_back_to_himself_leaves_the_owner_the_older_way_back()
    {
        using var robin = await app.NewConfirmedPerson();
        using var thief = await app.SignIn(robin.Email, Given.Password);
        var (his, another) = (Given.NewEmail(), Given.NewEmail());
        await Change(thief, his);
        var undo = await app.MailTo(robin.Email, Changed);
        await Change(thief, another);
        var his2 = await app.MailTo(his, Changed);
        (await app.Post("/auth/email/undo", new { token = his2.Token })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        var reset = await app.MailTo(his, "Choose a new password");
        await app.Post("/auth/password/reset", new { token = reset.Token, newPassword = Given.NewPassword });
        using var again = await app.SignIn(his, Given.NewPassword);

        (await app.Post("/auth/email/undo", new { token = undo.Token })).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await (await again.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
        (await app.Login(his, Given.NewPassword)).ShouldBe(401);
        var own = await app.MailTo(robin.Email, "Choose a new password");
        await app.Post("/auth/password/reset", new { token = own.Token, newPassword = "yet another sentence" });
        (await app.Login(robin.Email, "yet another sentence")).ShouldBe(200);
    }

    [Fact]
    public async Task The_old_address_is_kept_for_its_owner_as_long_as_it_may_be_taken_back()
    {
        using var robin = await app.NewConfirmedPerson();
        using var rival = await app.NewConfirmedPerson();
        await Change(robin, Given.NewEmail());
        await app.MailTo(robin.Email, Changed);

        var taken = await app.Post("/auth/register", new { email = robin.Email, password = Given.Password });
        (await taken.Code()).ShouldBe("email-taken");
        await Ask(rival, robin.Email);
        var mail = await app.MailTo(robin.Email, Confirm);
        (await (await app.Post("/auth/email/verify", new { token = mail.Token })).Code()).ShouldBe("email-taken");

        app.Clock.Advance(TimeSpan.FromDays(8));
        var free = await app.Post("/auth/register", new { email = robin.Email, password = Given.Password });
        free.StatusCode.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task An_address_that_was_never_confirmed_has_no_way_back()
    {
        using var robin = await app.NewPerson();
        var fresh = Given.NewEmail();

        await Change(robin, fresh);

        (await EmailOf(robin)).ShouldBe(fresh);
        (await app.MailsTo(robin.Email)).ShouldNotContain(mail => mail.Subject == Changed);
    }

    [Fact]
    public async Task Whether_an_address_has_an_account_is_told_to_its_owner_alone()
    {
        using var robin = await app.NewConfirmedPerson();
        using var owner = await app.NewConfirmedPerson("Owner Example");
        var nobody = Given.NewEmail();

        var known = await Ask(robin, owner.Email);
        var unknown = await Ask(robin, nobody);

        known.StatusCode.ShouldBe(unknown.StatusCode);
        (await known.Content.ReadAsStringAsync()).ShouldBe(await unknown.Content.ReadAsStringAsync());
        var mails = await app.MailsTo(owner.Email);
        mails.ShouldContain(mail => mail.Subject == "You have an account already");
        mails.ShouldNotContain(mail => mail.Subject == Confirm);
        (await EmailOf(owner)).ShouldBe(owner.Email);
    }

    [Fact]
    public async Task An_address_that_somebody_took_meanwhile_is_not_taken_from_them()
    {
        using var robin = await app.NewConfirmedPerson();
        var fresh = Given.NewEmail();
        await Ask(robin, fresh);
        var mail = await app.MailTo(fresh, Confirm);
        await app.Post("/auth/register", new { email = fresh, password = Given.Password });

        (await (await app.Post("/auth/email/verify", new { token = mail.Token })).Code()).ShouldBe("email-taken");
        (await EmailOf(robin)).ShouldBe(robin.Email);
    }

    [Fact]
    public async Task A_letter_to_confirm_the_old_address_does_not_confirm_the_new_one()
    {
        using var robin = await app.NewPerson();
        var old = await app.MailTo(robin.Email, "Confirm your e-mail address");
        await Change(robin, Given.NewEmail());

        (await (await app.Post("/auth/email/verify", new { token = old.Token })).Code()).ShouldBe("link-invalid");
    }

    [Fact]
    public async Task Changing_it_wants_a_fresh_sign_in_and_an_address()
    {
        using var robin = await app.NewPerson();
        (await (await Ask(robin, "no address")).Code()).ShouldBe("validation-failed");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await (await Ask(robin, Given.NewEmail())).Code()).ShouldBe("sign-in-again");
    }

    [Fact]
    public async Task In_the_browser_an_address_is_changed_in_the_account()
    {
        using var robin = await app.NewPerson();
        var fresh = Given.NewEmail();
        using var browser = app.NewBrowser("de");
        await browser.Open("/login");
        await browser.Submit("/login", ("email", robin.Email), ("password", Given.Password));
        await browser.Open("/account");
        Text(browser).ShouldContain("Bitte bestätigen Sie Ihre E-Mail-Adresse");
        await browser.Open("/account/email");
        await browser.Submit("/account/email", ("email", "no address"));
        Text(browser).ShouldContain("Das ist keine E-Mail-Adresse.");
        await browser.Submit("/account/email", ("email", fresh));
        Text(browser).ShouldContain("Sehen Sie in Ihr Postfach");

        var mail = await app.MailTo(fresh, Confirm);
        await browser.Open($"/verify?token={mail.Token}");
        await browser.Submit("/verify");
        await browser.Open("/account");
        Text(browser).ShouldContain(fresh);
        Text(browser).ShouldNotContain("Bitte bestätigen Sie");
    }

    private async Task Change(Person person, string email)
    {
        await Ask(person, email);
        var mail = await app.MailTo(email, Confirm);
        (await app.Post("/auth/email/verify", new { token = mail.Token })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    private static string Text(Kontor.Testing.Browser browser) => WebUtility.HtmlDecode(browser.Html);

    private static Task<HttpResponseMessage> Ask(Person person, string email) =>
        person.Client.PostAsJsonAsync("/auth/email", new { email });

    private static async Task<string> EmailOf(Person person) =>
        (await person.Client.GetFromJsonAsync<JsonElement>("/users/me")).GetProperty("email").GetString()!;
}

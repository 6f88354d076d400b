using System.Net;
using System.Net.Http.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>A password that is changed, and one that is forgotten.</summary>
public class PasswordTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const string Reset = "Choose a new password";

    [Fact]
    public async Task A_new_password_ends_all_other_sessions()
    {
        using var robin = await app.NewConfirmedPerson();
        using var phone = await app.SignIn(robin.Email, Given.Password);
        using var stranger = await app.NewPerson();

        (await Change(robin, Given.Password, Given.NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await phone.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
        (await stranger.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Login(robin.Email, Given.Password)).ShouldBe(401);
        (await app.Login(robin.Email, Given.NewPassword)).ShouldBe(200);
        var mails = await app.MailsTo(robin.Email);
        mails.Count(mail => mail.Subject == "Your password was changed").ShouldBe(1);
    }

    [Theory]
    [InlineData("not the password", Given.NewPassword, 401, "invalid-credentials")]
    [InlineData(Given.Password, "short", 400, "validation-failed")]
    [InlineData(Given.Password, Given.Password, 400, "validation-failed")]
    [InlineData(Given.Password, "Robin Example 7", 400, "validation-failed")]
    public async Task What_is_refused_changes_nothing(string current, string chosen, int status, string code)
    {
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, Given.Password);

        var answer = await Change(robin, current, chosen);

        ((int)answer.StatusCode).ShouldBe(status);
        (await answer.Code()).ShouldBe(code);
        (await phone.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await app.Login(robin.Email, Given.Password)).ShouldBe(200);
        (await app.MailsTo(robin.Email)).ShouldNotContain(mail => mail.Subject == "Your password was changed");
    }

    [Fact]
    public async Task Changing_it_wants_a_fresh_sign_in()
    {
        using var robin = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await (await Change(robin, Given.Password, Given.NewPassword)).Code()).ShouldBe("sign-in-again");
    }

    [Fact]
    public async Task Whoever_forgot_it_chooses_a_new_one_by_a_letter()
    {
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, Given.Password);
        (await app.Post("/auth/password/forgot", new { email = robin.Email.ToUpperInvariant() })).StatusCode
            .ShouldBe(HttpStatusCode.Accepted);
        var mail = await app.MailTo(robin.Email, Reset);

        (await ByLetter(mail.Token, Given.NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        foreach (var session in new[] { robin, phone })
            (await (await session.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");
        (await app.Login(robin.Email, Given.Password)).ShouldBe(401);
        using var again = await app.SignIn(robin.Email, Given.NewPassword);
        // The letter reached its owner, so the address is confirmed.
        (await again.Client.GetStringAsync("/users/me")).ShouldContain("\"emailVerified\":true");
        (await (await ByLetter(mail.Token, "yet another sentence")).Code()).ShouldBe("link-invalid");
        (await app.MailsTo(robin.Email)).Count(one => one.Subject == "Your password was changed").ShouldBe(1);
    }

    [Fact]
    public async Task Nobody_learns_who_has_an_account()
    {
        using var robin = await app.NewPerson();
        var stranger = Given.NewEmail();
        var known = await app.Post("/auth/password/forgot", new { email = robin.Email });
        foreach (var email in new[] { stranger, "no address", "" })
        {
            var answer = await app.Post("/auth/password/forgot", new { email });
            answer.StatusCode.ShouldBe(known.StatusCode);
            (await answer.Content.ReadAsStringAsync()).ShouldBe(await known.Content.ReadAsStringAsync());
            answer.Headers.Select(header => header.Key).ShouldBe(known.Headers.Select(header => header.Key), ignoreOrder: true);
        }

        (await app.MailsTo(stranger)).ShouldBeEmpty();
        (await app.MailsTo(robin.Email)).Count(mail => mail.Subject == Reset).ShouldBe(1);
    }

    [Fact]
    public async Task A_bad_choice_does_not_use_the_link_up()
    {
        using var robin = await app.NewPerson();
        await app.Post("/auth/password/forgot", new { email = robin.Email });
        var mail = await app.MailTo(robin.Email, Reset);

        (await (await ByLetter(mail.Token, "short")).Code()).ShouldBe("validation-failed");
        (await ByLetter(mail.Token, Given.NewPassword)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task Of_several_who_come_with_one_link_one_is_served()
    {
        using var robin = await app.NewPerson();
        await app.Post("/auth/password/forgot", new { email = robin.Email });
        var mail = await app.MailTo(robin.Email, Reset);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ByLetter(mail.Token, $"{Given.NewPassword} {i}")));

        answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent).ShouldBe(1);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.NoContent))
            (await answer.Code()).ShouldBe("link-invalid");
        var winner = Array.FindIndex(answers, answer => answer.StatusCode == HttpStatusCode.NoContent);
        (await app.Login(robin.Email, $"{Given.NewPassword} {winner}")).ShouldBe(200);
    }

    [Fact]
    public async Task A_changed_password_ends_the_links_that_were_asked_for_before()
    {
        using var robin = await app.NewConfirmedPerson();
        await app.Post("/auth/password/forgot", new { email = robin.Email });
        var mail = await app.MailTo(robin.Email, Reset);

        await Change(robin, Given.Password, Given.NewPassword);

        (await (await ByLetter(mail.Token, "yet another sentence")).Code()).ShouldBe("link-invalid");
    }

    [Fact]
    public async Task No_token_is_stored_but_in_its_letter()
    {
        using var robin = await app.NewPerson();
        await app.Post("/auth/password/forgot", new { email = robin.Email });
        var mail = await app.MailTo(robin.Email, Reset);

        var hash = await app.Database.Read(tx => tx.First<byte[]>(
            "SELECT token_hash FROM accounts_links WHERE user_id = @id AND purpose = 'reset-password'", new { id = robin.Id }).AsTask());
        hash.ShouldBe(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(mail.Token)));
        var events = await app.Database.Read(tx => tx.Query<string>("SELECT payload FROM foundation_events").AsTask());
        events.ShouldAllBe(payload => !payload.Contains(mail.Token) && !payload.Contains(robin.Email));
    }

    [Fact]
    public async Task In_the_browser_a_forgotten_password_is_replaced_and_the_visitor_signs_in_with_the_new_one()
    {
        using var robin = await app.NewPerson();
        using var browser = app.NewBrowser();
        await browser.Open("/login");
        browser.Html.ShouldContain("href=\"/forgot\"");
        await browser.Open("/forgot");
        await browser.Submit("/forgot", ("email", robin.Email));
        browser.Html.ShouldContain("Check your e-mail");
        var mail = await app.MailTo(robin.Email, Reset);

        await browser.Open($"/reset?token={mail.Token}");
        await browser.Submit("/reset", ("password", "short"));
        browser.Html.ShouldContain("A password has at least 8 characters.");
        await browser.Submit("/reset", ("password", Given.NewPassword));

        browser.Path.ShouldBe("/login?note=password");
        browser.Html.ShouldContain("Your new password is saved.");
        await browser.Submit("/login", ("email", robin.Email), ("password", Given.NewPassword));
        await browser.Open("/account");
        browser.Html.ShouldContain(robin.Email);
        await browser.Open($"/reset?token={mail.Token}");
        await browser.Submit("/reset", ("password", Given.NewPassword));
        browser.Html.ShouldContain("This link does not work");
    }

    [Fact]
    public async Task In_the_browser_a_password_is_changed_in_the_account()
    {
        using var robin = await app.NewPerson();
        using var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", robin.Email), ("password", Given.Password));
        await browser.Open("/account/password");
        await browser.Submit("/account/password", ("current", "not the password"), ("password", Given.NewPassword));
        browser.Html.ShouldContain("The password is wrong.");

        await browser.Submit("/account/password", ("current", Given.Password), ("password", Given.NewPassword));

        browser.Path.ShouldBe("/account?saved=password");
        browser.Html.ShouldContain("Your password was changed.");
        (await app.Login(robin.Email, Given.NewPassword)).ShouldBe(200);
    }

    private static Task<HttpResponseMessage> Change(Person person, string currentPassword, string newPassword) =>
        person.Client.PostAsJsonAsync("/auth/password", new { currentPassword, newPassword });

    private Task<HttpResponseMessage> ByLetter(string token, string newPassword) =>
        app.Post("/auth/password/reset", new { token, newPassword });
}

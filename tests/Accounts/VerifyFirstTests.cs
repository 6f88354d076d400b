using System.Net;
using System.Net.Http.Json;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Where an account begins when its address is confirmed.</summary>
public class VerifyFirstTests(VerifyFirstTests.VerifyFirstApp app) : IClassFixture<VerifyFirstTests.VerifyFirstApp>
{
    private const string Confirm = "Confirm your e-mail address";
    private const string Taken = "You have an account already";

    public sealed class VerifyFirstApp : KontorApp
    {
        protected override Settings Configure(Settings settings) => settings with { VerifyEmail = true };
    }

    [Fact]
    public async Task An_account_begins_when_its_address_is_confirmed()
    {
        var email = Given.NewEmail();
        var answer = await Register(email);
        answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        (await answer.Content.ReadAsStringAsync()).ShouldBeEmpty();
        (await app.Login(email, Given.Password)).ShouldBe(401);
        var mail = await app.MailTo(email, Confirm);
        mail.ToName.ShouldBeEmpty();
        (mail.Text + mail.Html).ShouldNotContain("Robin");

        (await Verify(mail)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        using var robin = await app.SignIn(email, Given.Password);
        var me = await robin.Client.GetStringAsync("/users/me");
        me.ShouldContain("\"emailVerified\":true");
        me.ShouldContain("\"roles\":[\"customer\"]");
        (await (await Verify(mail)).Code()).ShouldBe("link-invalid");
    }

    [Fact]
    public async Task Whether_an_address_has_an_account_is_told_to_its_owner_alone()
    {
        var (known, unknown) = (Given.NewEmail(), Given.NewEmail());
        await Open(known);

        var first = await Register(known.ToUpperInvariant(), "the password of a stranger");
        var second = await Register(unknown, "the password of a stranger");

        first.StatusCode.ShouldBe(second.StatusCode);
        (await first.Content.ReadAsStringAsync()).ShouldBe(await second.Content.ReadAsStringAsync());
        first.Headers.Select(header => header.Key).ShouldBe(second.Headers.Select(header => header.Key), ignoreOrder: true);
        await app.MailTo(known, Taken);
        (await app.MailsTo(known)).Count.ShouldBe(2);
        (await app.Login(known, Given.Password)).ShouldBe(200);
        (await app.Login(known, "the password of a stranger")).ShouldBe(401);
    }

    [Fact]
    public async Task Of_several_registrations_the_newest_counts()
    {
        var email = Given.NewEmail();
        await Register(email, "the first of the phrases");
        var first = await app.MailTo(email, Confirm);
        await Register(email, "the second of the phrases");
        var second = await app.MailTo(email, Confirm, count: 2);

        (await (await Verify(first)).Code()).ShouldBe("link-invalid");
        (await Verify(second)).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await app.Login(email, "the first of the phrases")).ShouldBe(401);
        (await app.Login(email, "the second of the phrases")).ShouldBe(200);
    }

    [Fact]
    public async Task A_registration_beyond_the_letters_of_an_hour_opens_no_account_by_an_earlier_link()
    {
        var email = Given.NewEmail();
        SentMail last = null!;
        for (var i = 1; i <= 5; i++)
        {
            await Register(email);
            last = await app.MailTo(email, Confirm, count: i);
        }

        await Register(email, "the password of a stranger");
        (await app.MailsTo(email)).Count.ShouldBe(5);

        (await (await Verify(last)).Code()).ShouldBe("link-invalid");
        (await app.Login(email, "the password of a stranger")).ShouldBe(401);
    }

    [Fact]
    public async Task A_registration_that_nobody_confirms_in_30_minutes_is_none()
    {
        var email = Given.NewEmail();
        await Register(email);
        var mail = await app.MailTo(email, Confirm);
        app.Clock.Advance(TimeSpan.FromMinutes(30));

        (await (await Verify(mail)).Code()).ShouldBe("link-invalid");
        (await app.Login(email, Given.Password)).ShouldBe(401);
    }

    [Fact]
    public async Task A_letter_that_did_not_arrive_is_sent_again()
    {
        var email = Given.NewEmail();
        await Register(email);
        await app.MailTo(email, Confirm);
        (await app.Post("/auth/email/resend", new { email })).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        (await Verify(await app.MailTo(email, Confirm, count: 2))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await app.Login(email, Given.Password)).ShouldBe(200);
    }

    [Fact]
    public async Task A_stranger_cannot_have_somebody_flooded_with_letters()
    {
        var (open, pending) = (Given.NewEmail(), Given.NewEmail());
        await Open(open);
        for (var i = 0; i < 7; i++)
        {
            await Register(open);
            await Register(pending);
        }

        (await app.MailsTo(open)).Count(mail => mail.Subject == Taken).ShouldBe(5);
        (await app.MailsTo(pending)).Count.ShouldBe(5);
    }

    [Fact]
    public async Task In_the_browser_a_visitor_registers_confirms_and_signs_in()
    {
        var email = Given.NewEmail();
        using var browser = app.NewBrowser();
        await browser.Open("/register");
        await browser.Submit("/register", ("email", email), ("password", Given.Password));
        browser.Html.ShouldContain("Check your e-mail");

        var mail = await app.MailTo(email, Confirm);
        await browser.Open($"/verify?token={mail.Token}");
        await browser.Submit("/verify");
        browser.Html.ShouldContain("Your address is confirmed");
        await browser.Open("/login");
        await browser.Submit("/login", ("email", email), ("password", Given.Password));
        await browser.Open("/account");

        browser.Html.ShouldContain(email);
        browser.Html.ShouldNotContain("not confirmed");
    }

    [Fact]
    public async Task Bad_input_is_refused_as_everywhere()
    {
        (await (await Register("no address")).Code()).ShouldBe("validation-failed");
        (await (await Register(Given.NewEmail(), "short")).Code()).ShouldBe("validation-failed");
    }

    private async Task Open(string email)
    {
        await Register(email);
        (await Verify(await app.MailTo(email, Confirm))).EnsureSuccessStatusCode();
    }

    private Task<HttpResponseMessage> Register(string email, string password = Given.Password) =>
        app.Post("/auth/register", new { email, password, name = "Robin" });

    private Task<HttpResponseMessage> Verify(SentMail mail) => app.Post("/auth/email/verify", new { token = mail.Token });
}

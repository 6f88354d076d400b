using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Confirming an address where an account begins at once.</summary>
public class VerificationTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const string Subject = "Confirm your e-mail address";

    [Fact]
    public async Task Whoever_has_the_letter_confirms_the_address_once()
    {
        using var robin = await app.NewPerson();
        (await IsVerified(robin)).ShouldBeFalse();
        var mail = await app.MailTo(robin.Email, Subject);

        (await app.Post("/auth/email/verify", new { token = mail.Token })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await IsVerified(robin)).ShouldBeTrue();

        var again = await app.Post("/auth/email/verify", new { token = mail.Token });
        again.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await again.Code()).ShouldBe("link-invalid");
    }

    [Fact]
    public async Task Looking_at_the_link_does_not_use_it_up()
    {
        using var robin = await app.NewPerson();
        var mail = await app.MailTo(robin.Email, Subject);
        using var scanner = app.NewClient();
        for (var i = 0; i < 3; i++)
        {
            var page = await scanner.GetAsync($"/verify?token={mail.Token}");
            page.StatusCode.ShouldBe(HttpStatusCode.OK);
            page.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
            page.Headers.CacheControl!.NoStore.ShouldBeTrue();
            (await scanner.SendAsync(new(HttpMethod.Head, $"/verify?token={mail.Token}"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        (await IsVerified(robin)).ShouldBeFalse();
        using var browser = app.NewBrowser();
        await browser.Open($"/verify?token={mail.Token}");
        await browser.Submit("/verify");

        browser.Path.ShouldBe("/verify?done=1");
        browser.Html.ShouldContain("Your address is confirmed");
        (await IsVerified(robin)).ShouldBeTrue();
    }

    [Fact]
    public async Task The_newest_link_works_and_those_before_it_do_not()
    {
        using var robin = await app.NewPerson();
        var first = await app.MailTo(robin.Email, Subject);
        (await robin.Client.PostAsync("/auth/email/resend", null)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var second = await app.MailTo(robin.Email, Subject, count: 2);

        (await (await app.Post("/auth/email/verify", new { token = first.Token })).Code()).ShouldBe("link-invalid");
        (await app.Post("/auth/email/verify", new { token = second.Token })).StatusCode.ShouldBe(HttpStatusCode.NoContent);
    }

    [Fact]
    public async Task A_link_works_for_30_minutes()
    {
        using var robin = await app.NewPerson();
        var mail = await app.MailTo(robin.Email, Subject);
        app.Clock.Advance(TimeSpan.FromMinutes(30));

        (await (await app.Post("/auth/email/verify", new { token = mail.Token })).Code()).ShouldBe("link-invalid");
        using var later = await app.SignIn(robin.Email, Given.Password);
        (await IsVerified(later)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("nothing")]
    [InlineData("' OR 1=1 --")]
    public async Task A_token_that_was_made_up_changes_nothing(string token) =>
        (await (await app.Post("/auth/email/verify", new { token })).Code()).ShouldBe("link-invalid");

    [Fact]
    public async Task A_link_for_a_new_password_does_not_confirm_and_the_other_way_round()
    {
        using var robin = await app.NewPerson();
        var verify = await app.MailTo(robin.Email, Subject);
        await app.Post("/auth/password/forgot", new { email = robin.Email });
        var reset = await app.MailTo(robin.Email, "Choose a new password");

        (await (await app.Post("/auth/email/verify", new { token = reset.Token })).Code()).ShouldBe("link-invalid");
        (await (await app.Post("/auth/email/undo", new { token = reset.Token })).Code()).ShouldBe("link-invalid");
        var crossed = await app.Post("/auth/password/reset", new { token = verify.Token, newPassword = Given.NewPassword });
        (await crossed.Code()).ShouldBe("link-invalid");
    }

    [Fact]
    public async Task Nobody_who_is_not_signed_in_learns_whether_a_letter_was_sent()
    {
        using var robin = await app.NewPerson();
        var known = await app.Post("/auth/email/resend", new { email = robin.Email });
        var unknown = await app.Post("/auth/email/resend", new { email = Given.NewEmail() });
        var noAddress = await app.Post("/auth/email/resend", new { email = "no address" });

        foreach (var answer in new[] { known, unknown, noAddress })
        {
            answer.StatusCode.ShouldBe(HttpStatusCode.Accepted);
            (await answer.Content.ReadAsStringAsync()).ShouldBeEmpty();
        }

        (await app.MailsTo(robin.Email)).Count.ShouldBe(2);
        var missing = await app.Post("/auth/email/resend", new { });
        missing.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await missing.Code()).ShouldBe("validation-failed");
    }

    [Fact]
    public async Task A_confirmed_address_gets_no_more_letters_to_confirm()
    {
        using var robin = await app.NewConfirmedPerson();
        await robin.Client.PostAsync("/auth/email/resend", null);
        (await app.MailsTo(robin.Email)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_stranger_cannot_have_somebody_flooded_with_letters()
    {
        using var robin = await app.NewPerson();
        for (var i = 0; i < 8; i++) await app.Post("/auth/email/resend", new { email = robin.Email });

        var mails = await app.MailsTo(robin.Email);

        mails.Count.ShouldBe(5);
        // What was sent last still works, and that alone.
        var answers = await Task.WhenAll(mails.Select(mail => app.Post("/auth/email/verify", new { token = mail.Token })));
        answers.Count(answer => answer.StatusCode == HttpStatusCode.NoContent).ShouldBe(1);
    }

    [Fact]
    public async Task A_letter_speaks_the_language_that_its_reader_chose()
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd("fr, de-AT;q=0.9, en;q=0.5");
        var email = Given.NewEmail();
        var answer = await client.PostAsJsonAsync("/auth/register", new { email, password = Given.Password, name = "Robin" });
        using var robin = app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!);

        var german = await app.MailTo(email, "Bestätigen Sie Ihre E-Mail-Adresse");
        german.Language.ShouldBe("de");
        german.Html.ShouldContain("<html lang=\"de\">");
        german.Text.ShouldStartWith("Guten Tag,");

        (await robin.Client.PatchAsJsonAsync("/users/me", new { language = "en" })).StatusCode.ShouldBe(HttpStatusCode.OK);
        await robin.Client.PostAsync("/auth/email/resend", null);
        (await app.MailTo(email, Subject)).Text.ShouldStartWith("Hello,");
        (await robin.Client.PatchAsJsonAsync("/users/me", new { language = "tlh" })).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_name_is_written_to_confirmed_addresses_only()
    {
        using var robin = await app.NewPerson("Buy at evil dot example");
        var first = await app.MailTo(robin.Email, Subject);
        first.ToName.ShouldBeEmpty();
        (first.Text + first.Html).ShouldNotContain("evil");

        await app.Post("/auth/email/verify", new { token = first.Token });
        await app.Post("/auth/password/forgot", new { email = robin.Email });
        (await app.MailTo(robin.Email, "Choose a new password")).ToName.ShouldBe("Buy at evil dot example");
    }

    [Fact]
    public async Task A_link_begins_with_the_servers_own_address_whatever_host_a_request_names()
    {
        using var robin = await app.NewPerson();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(app.Address, "/auth/password/forgot"))
        {
            Content = JsonContent.Create(new { email = robin.Email }),
            Headers = { Host = "evil.example" },
        };
        using var client = app.NewClient();
        (await client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        var mail = await app.MailTo(robin.Email, "Choose a new password");
        (mail.Text + mail.Html).ShouldNotContain("evil");
        mail.Text.ShouldContain($"{app.Address}reset?token=");
    }

    private static async Task<bool> IsVerified(Person person) =>
        (await person.Client.GetFromJsonAsync<JsonElement>("/users/me")).GetProperty("emailVerified").GetBoolean();
}

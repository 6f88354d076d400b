using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Which other sites an account is linked with: on its page, and by the API.</summary>
public class ExternalAccountTests(ExternalApp app) : IClassFixture<ExternalApp>
{
    [Fact]
    public async Task A_person_links_a_site_and_removes_it()
    {
        var (person, browser) = await app.NewMember();
        using var robin = person;
        using var page = browser;
        app.Site.Person = OtherSite.NewPerson();
        await ExternalApp.Link(browser);
        browser.Html.ShouldContain("Your changes are saved.");
        browser.Html.ShouldContain((string)app.Site.Person["email"]!);
        browser.Html.ShouldNotContain("/auth/external/site/link");

        await browser.Submit("/account/external/site/remove");

        browser.Path.ShouldBe("/account/external?note=removed");
        (await app.IdentitiesOf(robin)).ShouldBe(0);
        (await app.AuditOf(robin))[^1].ShouldBe(("identity-unlinked", robin.Id, """{"provider":"site"}"""));
        await app.MailTo(robin.Email, "The Site is not linked with your account any more");
        using var later = await app.Arrive("/auth/external/site");
        (await ExternalApp.WhoIs(later)).ShouldNotBe(robin.Email);
    }

    [Fact]
    public async Task The_last_way_in_stays_until_a_letter_brings_a_password()
    {
        app.Site.Person = OtherSite.NewPerson();
        var email = (string)app.Site.Person["email"]!;
        using var browser = await app.Arrive("/auth/external/site");
        await browser.Open("/account/external");
        await browser.Submit("/account/external/site/remove");
        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        (await app.Login(email, "")).ShouldBe(401);

        await app.Post("/auth/password/forgot", new { email });
        var mail = await app.MailTo(email, "password");
        using var reset = await app.Post("/auth/password/reset", new { token = mail.Token, newPassword = Given.NewPassword });
        reset.StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await app.Login(email, Given.NewPassword)).ShouldBe(200);
        using var later = await app.Arrive("/auth/external/site?returnUrl=/account/external");
        await later.Submit("/account/external/site/remove");
        later.Path.ShouldBe("/account/external?note=removed");
    }

    [Fact]
    public async Task A_site_that_is_not_in_use_any_more_is_no_way_in()
    {
        app.Site.Person = OtherSite.NewPerson();
        using var browser = await app.Arrive("/auth/external/site");
        await app.Database.Write(tx => tx.Execute("""
            INSERT INTO accounts_identities (provider, subject, user_id, linked_at)
            SELECT 'gone', id, id, 0 FROM accounts_users WHERE email = @email
            """, new { email = (string)app.Site.Person["email"]! }).AsTask());
        await browser.Open("/account/external");

        await browser.Submit("/account/external/site/remove");
        browser.Status.ShouldBe(HttpStatusCode.Conflict);

        await browser.Submit("/account/external/gone/remove");
        browser.Path.ShouldBe("/account/external?note=removed");
    }

    [Fact]
    public async Task An_account_whose_address_is_not_confirmed_is_linked_with_nothing()
    {
        // Whoever registers with a stranger's address must not keep a way in that outlives the stranger's new password.
        using var trojan = await app.NewPerson();
        app.Site.Person = OtherSite.NewPerson();
        using var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", trojan.Email), ("password", trojan.Password));
        await browser.Open("/account/external");

        await browser.Open(ExternalApp.LinkOn(browser));
        browser.Path.ShouldBe("/account/external?note=email-unconfirmed");
        browser.Html.ShouldContain("Confirm your e-mail address first");

        app.Site.Person = OtherSite.NewPerson(trojan.Email);
        await browser.Open("/auth/external/trusted");
        browser.Path.ShouldBe("/account/external/confirm");
        await browser.Submit("/account/external/confirm");
        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        (await app.IdentitiesOf(trojan)).ShouldBe(0);
    }

    [Fact]
    public async Task An_account_there_belongs_to_one_account_here_and_the_other_way_round()
    {
        var (person, browser) = await app.NewMember();
        using var robin = person;
        using var page = browser;
        app.Site.Person = OtherSite.NewPerson();
        using var owner = await app.Arrive("/auth/external/site");

        await browser.Open("/account/external");
        await browser.Open(ExternalApp.LinkOn(browser));
        browser.Path.ShouldBe("/account/external?note=external-taken");
        (await app.IdentitiesOf(robin)).ShouldBe(0);

        await browser.Open("/account/external");
        var link = ExternalApp.LinkOn(browser);
        app.Site.Person = OtherSite.NewPerson();
        await browser.Open(link);
        app.Site.Person = OtherSite.NewPerson();
        await browser.Open(link);
        browser.Path.ShouldBe("/account/external?note=external-another");
        (await app.IdentitiesOf(robin)).ShouldBe(1);
    }

    [Fact]
    public async Task Another_site_cannot_make_a_browser_link()
    {
        var (person, browser) = await app.NewMember();
        using var robin = person;
        using var page = browser;
        var (stranger, theirs) = await app.NewMember();
        using var other = stranger;
        using var otherPage = theirs;
        await theirs.Open("/account/external");
        var token = ExternalApp.LinkOn(theirs);

        foreach (var path in new[] { "/auth/external/site/link", "/auth/external/site/link?token=x", token })
        {
            await browser.Open(path);
            browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        }

        using var nobody = app.NewBrowser();
        await nobody.Open(token);
        nobody.Path.ShouldStartWith("/login?returnUrl=");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await theirs.Open(token);
        theirs.Path.ShouldStartWith("/login/again?returnUrl=");
        (await app.IdentitiesOf(robin)).ShouldBe(0);
    }

    [Fact]
    public async Task Whoever_signs_in_as_somebody_else_meanwhile_links_nothing()
    {
        var (person, browser) = await app.NewMember();
        using var robin = person;
        using var page = browser;
        using var other = await app.NewConfirmedPerson();
        app.Site.Person = OtherSite.NewPerson();
        await browser.Open("/account/external");
        var link = ExternalApp.LinkOn(browser);
        using var client = new HttpClient(new SocketsHttpHandler { CookieContainer = browser.Cookies, AllowAutoRedirect = false });
        var there = await client.GetAsync(new Uri(app.Address, link));
        var back = await client.GetAsync(there.Headers.Location);
        await browser.Open("/account");
        await browser.Submit("/logout");
        await browser.Open("/login");
        await browser.Submit("/login", ("email", other.Email), ("password", other.Password));

        await browser.Open(back.Headers.Location!.PathAndQuery);

        browser.Path.ShouldBe("/account/external?note=external-state");
        (await app.IdentitiesOf(robin)).ShouldBe(0);
        (await app.IdentitiesOf(other)).ShouldBe(0);
    }

    [Fact]
    public async Task An_app_lists_the_sites_and_removes_one()
    {
        var (person, browser) = await app.NewMember();
        using var robin = person;
        using var page = browser;
        app.Site.Person = OtherSite.NewPerson();
        await ExternalApp.Link(browser);
        using var anybody = app.NewClient();

        var known = await anybody.GetFromJsonAsync<JsonElement>("/auth/external");
        var providers = known.GetProperty("providers").EnumerateArray().ToList();
        providers.Select(one => one.GetProperty("provider").GetString())
            .ShouldBe(["broken", "down", "members", "other", "plain", "site", "trusted"]);
        providers.ShouldAllBe(one => one.GetProperty("linked").ValueKind == JsonValueKind.Null);
        var own = await robin.Client.GetFromJsonAsync<JsonElement>("/auth/external");
        var linked = own.GetProperty("providers").EnumerateArray()
            .Single(one => one.GetProperty("linked").ValueKind == JsonValueKind.Object);
        linked.GetProperty("name").GetString().ShouldBe("The Site");
        linked.GetProperty("linked").GetProperty("email").GetString().ShouldBe((string)app.Site.Person["email"]!);

        (await (await anybody.DeleteAsync("/auth/external/site")).Code()).ShouldBe("unauthenticated");
        (await (await robin.Client.DeleteAsync("/auth/external/other")).Code()).ShouldBe("not-found");
        (await robin.Client.DeleteAsync("/auth/external/site")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await robin.Client.DeleteAsync("/auth/external/site")).Code()).ShouldBe("not-found");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        (await (await robin.Client.DeleteAsync("/auth/external/site")).Code()).ShouldBe("sign-in-again");
    }

    [Theory]
    [InlineData("GET", "/account/external")]
    [InlineData("GET", "/account/external/confirm")]
    [InlineData("POST", "/account/external/site/remove")]
    [InlineData("POST", "/account/external/confirm")]
    public async Task Strangers_are_sent_to_sign_in(string method, string path)
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");

        var answer = await client.SendAsync(new(new(method), path));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldStartWith("/login");
    }
}

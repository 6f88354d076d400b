using System.Net;
using System.Net.Http.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Signing in by another site: whose account it leads to.</summary>
public class ExternalSignInTests(ExternalApp app) : IClassFixture<ExternalApp>
{
    private const string ToSite = "/auth/external/site";

    private string TheirEmail => (string)app.Site.Person["email"]!;

    [Fact]
    public async Task Who_is_new_here_gets_an_account_and_comes_back_to_it()
    {
        app.Site.Person = OtherSite.NewPerson();
        var before = app.Site.Redeemed;

        using var browser = await app.Arrive($"{ToSite}?returnUrl=%2Fshop%3Fq%3D%C3%A4");

        browser.Path.ShouldBe("/shop?q=%C3%A4");
        app.Site.Redeemed.ShouldBe(before + 1);
        (await ExternalApp.WhoIs(browser)).ShouldBe(TheirEmail);
        browser.Html.ShouldContain("value=\"Elsa Where\"");
        browser.Html.ShouldNotContain("not confirmed");
        // Whatever the other site calls the address later, it is the same person.
        var (email, sub) = (TheirEmail, app.Site.Person["sub"]);
        app.Site.Person = OtherSite.NewPerson();
        app.Site.Person["sub"] = sub;
        app.Site.Person["email_verified"] = false;
        using var later = await app.Arrive(ToSite);
        (await ExternalApp.WhoIs(later)).ShouldBe(email);
    }

    [Fact]
    public async Task A_site_without_OpenID_Connect_serves_as_well()
    {
        app.Site.Person = OtherSite.NewPerson();

        using var browser = await app.Arrive("/auth/external/plain");

        (await ExternalApp.WhoIs(browser)).ShouldBe(TheirEmail);
        app.Site.Asked!["kept"].ToString().ShouldBe("1");
        app.Site.Asked!["scope"].ToString().ShouldBe("read:user");
        app.Site.Asked!.ContainsKey("nonce").ShouldBeFalse();
        using var again = await app.Arrive("/auth/external/plain");
        (await ExternalApp.WhoIs(again)).ShouldBe(TheirEmail);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task That_an_address_has_an_account_lets_nobody_in(bool verifiedThere, bool confirmedHere)
    {
        using var robin = confirmedHere ? await app.NewConfirmedPerson() : await app.NewPerson();
        app.Site.Person = OtherSite.NewPerson(robin.Email.ToUpperInvariant(), verifiedThere);

        using var browser = await app.Arrive(ToSite);

        browser.Path.ShouldBe("/login?note=external-link&returnUrl=%2Faccount%2Fexternal%2Fconfirm");
        (await ExternalApp.WhoIs(browser)).ShouldBeNull();
        (await app.IdentitiesOf(robin)).ShouldBe(0);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_trusted_site_is_linked_by_itself_when_both_sides_have_verified_the_address(bool verifiedThere, bool confirmedHere)
    {
        using var robin = confirmedHere ? await app.NewConfirmedPerson() : await app.NewPerson();
        app.Site.Person = OtherSite.NewPerson(robin.Email, verifiedThere);

        using var browser = await app.Arrive("/auth/external/trusted");

        var isLinked = verifiedThere && confirmedHere;
        (await ExternalApp.WhoIs(browser)).ShouldBe(isLinked ? robin.Email : null);
        (await app.IdentitiesOf(robin)).ShouldBe(isLinked ? 1 : 0);
    }

    [Fact]
    public async Task Whoever_owns_the_account_signs_in_as_before_and_links_it_then()
    {
        using var robin = await app.NewConfirmedPerson();
        app.Site.Person = OtherSite.NewPerson(robin.Email);
        using var browser = await app.Arrive($"{ToSite}?returnUrl=%2Fplanner");
        browser.Html.ShouldContain("Sign in as you did so far");

        await browser.Submit("/login", ("email", robin.Email), ("password", robin.Password));
        browser.Path.ShouldBe("/account/external/confirm");
        browser.Html.ShouldContain("Link The Site");
        browser.Html.ShouldContain(robin.Email);
        (await app.IdentitiesOf(robin)).ShouldBe(0);
        await browser.Submit("/account/external/confirm");

        browser.Path.ShouldBe("/planner");
        using var later = await app.Arrive(ToSite);
        (await ExternalApp.WhoIs(later)).ShouldBe(robin.Email);
        (await app.AuditOf(robin))[^1].ShouldBe(("identity-linked", robin.Id, """{"provider":"site"}"""));
        var mail = await app.MailTo(robin.Email, "The Site was linked with your account");
        mail.Text.ShouldContain("If this was you, there is nothing to do.");
    }

    [Fact]
    public async Task Whoever_does_not_want_to_link_goes_on_without()
    {
        using var robin = await app.NewConfirmedPerson();
        app.Site.Person = OtherSite.NewPerson(robin.Email);
        using var browser = await app.Arrive($"{ToSite}?returnUrl=%2Fplanner");
        await browser.Submit("/login", ("email", robin.Email), ("password", robin.Password));

        await browser.Submit("/account/external/refuse");

        browser.Path.ShouldBe("/planner");
        (await app.IdentitiesOf(robin)).ShouldBe(0);
        await browser.Open("/account/external/confirm");
        browser.Path.ShouldBe("/account/external");
    }

    [Fact]
    public async Task An_unverified_address_opens_no_account_and_tells_nothing_about_others()
    {
        using var robin = await app.NewConfirmedPerson();
        app.Site.Person = OtherSite.NewPerson(robin.Email, isVerified: false);
        using var known = await app.Arrive(ToSite);
        app.Site.Person = OtherSite.NewPerson(isVerified: false);
        using var unknown = await app.Arrive(ToSite);

        (unknown.Path, unknown.Status).ShouldBe((known.Path, known.Status));
        WithoutToken(unknown.Html).ShouldBe(WithoutToken(known.Html));
        (await app.AccountsWith(TheirEmail)).ShouldBe(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no address")]
    [InlineData("a@b@c")]
    [InlineData(17)]
    public async Task Who_has_no_address_there_signs_in_here_first(object? email)
    {
        app.Site.Person = OtherSite.NewPerson();
        app.Site.Person["email"] = email;

        using var browser = await app.Arrive(ToSite);

        browser.Path.ShouldStartWith("/login?note=external-link");
    }

    [Fact]
    public async Task A_site_for_members_opens_no_accounts()
    {
        app.Site.Person = OtherSite.NewPerson();

        using var browser = await app.Arrive("/auth/external/members");

        browser.Path.ShouldStartWith("/login?note=external-link");
        (await app.AccountsWith(TheirEmail)).ShouldBe(0);
    }

    [Fact]
    public async Task The_same_name_at_two_sites_is_two_people()
    {
        app.Site.Person = OtherSite.NewPerson();
        using var one = await app.Arrive(ToSite);
        var email = TheirEmail;
        app.Site.Person["email"] = $"x-{Guid.NewGuid():N}@elsewhere.example";

        using var other = await app.Arrive("/auth/external/other");

        (await ExternalApp.WhoIs(one)).ShouldBe(email);
        (await ExternalApp.WhoIs(other)).ShouldBe(TheirEmail);
    }

    [Fact]
    public async Task Two_tabs_of_somebody_new_open_one_account()
    {
        app.Site.Person = OtherSite.NewPerson();

        var browsers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => app.Arrive(ToSite)));

        foreach (var browser in browsers)
        {
            (await ExternalApp.WhoIs(browser)).ShouldBe(TheirEmail);
            browser.Dispose();
        }

        (await app.AccountsWith(TheirEmail)).ShouldBe(1);
    }

    [Fact]
    public async Task A_second_factor_is_asked_for_all_the_same()
    {
        using var robin = await app.NewProtectedPerson();
        var mail = await app.MailTo(robin.Person.Email, "Confirm your e-mail address");
        await app.Post("/auth/email/verify", new { token = mail.Token });
        app.Site.Person = OtherSite.NewPerson();
        using var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", robin.Person.Email), ("password", robin.Person.Password));
        await browser.Submit("/login/code", ("code", app.CodeOf(robin.Secret)));
        await ExternalApp.Link(browser);
        app.NextStep();

        using var later = await app.Arrive($"{ToSite}?returnUrl=%2Fplanner");

        later.Path.ShouldBe("/login/code?returnUrl=%2Fplanner");
        (await ExternalApp.WhoIs(later)).ShouldBeNull();
        await later.Open("/login/code?returnUrl=%2Fplanner");
        await later.Submit("/login/code", ("code", app.CodeOf(robin.Secret, 1)));
        later.Status.ShouldBe(HttpStatusCode.Unauthorized);
        await later.Submit("/login/code", ("code", app.CodeOf(robin.Secret)));
        later.Path.ShouldBe("/planner");
    }

    [Fact]
    public async Task Who_is_locked_here_is_not_let_in_by_another_site()
    {
        using var admin = await app.Admin();
        var (robin, browser) = await app.NewMember();
        using var person = robin;
        using var first = browser;
        app.Site.Person = OtherSite.NewPerson();
        await ExternalApp.Link(browser);
        await admin.Client.PostAsJsonAsync($"/api/admin/users/{robin.Id}/lock", new { reason = "Because" });

        using var later = await app.Arrive(ToSite);

        later.Path.ShouldBe("/login?note=account-locked&returnUrl=%2F");
        later.Html.ShouldContain("This account is locked.");
        (await ExternalApp.WhoIs(later)).ShouldBeNull();
    }

    [Fact]
    public async Task Signing_in_again_is_possible_without_a_password()
    {
        app.Site.Person = OtherSite.NewPerson();
        using var browser = await app.Arrive(ToSite);
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await browser.Open("/account/external");
        await browser.Submit("/account/external/site/remove");
        browser.Path.ShouldStartWith("/login/again?returnUrl=");
        browser.Html.ShouldNotContain("name=\"password\"");

        var at = browser.Html.IndexOf("/auth/external/site?", StringComparison.Ordinal);
        await browser.Open(WebUtility.HtmlDecode(browser.Html[at..browser.Html.IndexOf('"', at)]));

        app.Site.Asked!["prompt"].ToString().ShouldBe("login");
        browser.Path.ShouldBe("/account");
        await browser.Open("/account/external");
        // Fresh enough to be refused for another reason: it is the last way in.
        await browser.Submit("/account/external/site/remove");
        browser.Status.ShouldBe(HttpStatusCode.Conflict);
        browser.Html.ShouldContain("This is the last way to sign in to the account.");
        var sessions = await app.Database.Read(tx => tx.First<long>("""
            SELECT COUNT(*) FROM accounts_sessions s JOIN accounts_users u ON u.id = s.user_id WHERE u.email = @email
            """, new { email = TheirEmail }).AsTask());
        sessions.ShouldBe(1);
    }

    [Theory]
    [InlineData("//evil.example/")]
    [InlineData("https://evil.example/")]
    [InlineData("/\\evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task Nobody_is_sent_to_a_stranger_afterwards(string returnUrl)
    {
        app.Site.Person = OtherSite.NewPerson();

        using var browser = await app.Arrive($"{ToSite}?returnUrl={Uri.EscapeDataString(returnUrl)}");

        browser.Path.ShouldBe("/");
        (await ExternalApp.WhoIs(browser)).ShouldBe(TheirEmail);
    }

    private static string WithoutToken(string html) =>
        System.Text.RegularExpressions.Regex.Replace(html, "name=\"__RequestVerificationToken\" value=\"[^\"]+\"", "");
}

using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Accounts.External;
using Kontor.Testing;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>An app lets the system's browser sign somebody in at another site, and gets tokens for what the browser brings back.</summary>
public class AppGrantTests(ExternalApp app) : IClassFixture<ExternalApp>
{
    private const string Verifier = "a-verifier-that-only-this-app-knows-0123456789";

    private static readonly string Start = "/auth/external/site?appUrl=" + Uri.EscapeDataString(ExternalApp.AppUrl)
        + "&challenge=" + Provider.ChallengeOf(Verifier);

    [Fact]
    public async Task An_app_exchanges_what_its_address_is_given_once()
    {
        app.Site.Person = OtherSite.NewPerson();
        using var browser = new Browser(app);
        var grant = await GrantOf(browser);
        browser.Cookie("kontor_at").ShouldBeNull();

        var answer = await Exchange(grant);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var person = app.As((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
        person.Email.ShouldBe((string)app.Site.Person["email"]!);
        (await person.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await Exchange(grant)).Code()).ShouldBe("sign-in-over");
    }

    [Fact]
    public async Task Equal_exchanges_at_once_open_one_session()
    {
        app.Site.Person = OtherSite.NewPerson();
        using var browser = new Browser(app);
        var grant = await GrantOf(browser);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Exchange(grant)));

        answers.Count(answer => answer.IsSuccessStatusCode).ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_intercepts_it_cannot_use_it_and_does_not_use_it_up()
    {
        app.Site.Person = OtherSite.NewPerson();
        using var browser = new Browser(app);
        var grant = await GrantOf(browser);

        (await (await Exchange(grant, Verifier.ToUpperInvariant())).Code()).ShouldBe("sign-in-over");
        (await (await Exchange(grant, Provider.ChallengeOf(Verifier))).Code()).ShouldBe("sign-in-over");

        (await Exchange(grant)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task It_runs_out_and_a_lock_makes_it_void()
    {
        app.Site.Person = OtherSite.NewPerson();
        using var browser = new Browser(app);
        var grant = await GrantOf(browser);
        app.Clock.Advance(TimeSpan.FromMinutes(5.1));
        (await (await Exchange(grant)).Code()).ShouldBe("sign-in-over");

        using var again = new Browser(app);
        grant = await GrantOf(again);
        var email = (string)app.Site.Person["email"]!;
        await app.Database.Write(tx => tx.Execute(
            "UPDATE accounts_users SET rights = rights + 1 WHERE email = @email", new { email }).AsTask());
        (await (await Exchange(grant)).Code()).ShouldBe("conflict");
    }

    [Fact]
    public async Task A_second_factor_is_asked_for_and_the_grant_waits_for_it()
    {
        using var robin = await app.NewProtectedPerson();
        app.Site.Person = OtherSite.NewPerson();
        await app.Database.Write(tx => tx.Execute("""
            INSERT INTO accounts_identities (provider, subject, user_id, linked_at) VALUES ('site', @sub, @id, 0)
            """, new { sub = (string)app.Site.Person["sub"]!, id = robin.Person.Id }).AsTask());
        using var browser = new Browser(app);
        var grant = await GrantOf(browser);

        (await (await Exchange(grant)).Code()).ShouldBe("mfa-required");
        (await (await Exchange(grant, code: app.CodeOf(robin.Secret, 1))).Code()).ShouldBe("invalid-code");
        (await Exchange(grant, code: app.CodeOf(robin.Secret))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await (await Exchange(grant, code: robin.RecoveryCodes[0])).Code()).ShouldBe("sign-in-over");
    }

    [Fact]
    public async Task Whoever_has_to_link_first_does_so_in_the_browser_and_goes_back_to_the_app()
    {
        using var robin = await app.NewConfirmedPerson();
        app.Site.Person = OtherSite.NewPerson(robin.Email);
        using var browser = await app.Arrive(Start);
        browser.Path.ShouldStartWith("/login?note=external-link");
        await browser.Submit("/login", ("email", robin.Email), ("password", robin.Password));

        await browser.Submit("/account/external/confirm");

        browser.Html.ShouldContain("Back to the app");
        var at = browser.Html.IndexOf(ExternalApp.AppUrl, StringComparison.Ordinal);
        var address = WebUtility.HtmlDecode(browser.Html[at..browser.Html.IndexOf('"', at)]);
        var answer = await Exchange(QueryHelpers.ParseQuery(new Uri(address).Query)["grant"]!);
        (await answer.Content.ReadFromJsonAsync<TokenPair>())!.User.Id.ShouldBe(robin.Id);
    }

    [Theory]
    [InlineData("cancelled", "external-cancelled")]
    [InlineData("token-error", "external-failed")]
    public async Task An_app_is_told_why_nobody_comes(string fault, string code)
    {
        app.Site.Person = OtherSite.NewPerson();
        app.Site.Fault = fault;
        using var browser = new Browser(app);

        (await ReturnOf(browser)).OriginalString.ShouldBe($"{ExternalApp.AppUrl}?error={code}");
    }

    [Theory]
    [InlineData("kontor-test://signed-in/elsewhere", "app-unknown")]
    [InlineData("KONTOR-TEST://signed-in", "app-unknown")]
    [InlineData("https://evil.example/", "app-unknown")]
    [InlineData("javascript:alert(1)", "app-unknown")]
    [InlineData("", "app-unknown")]
    public async Task An_app_that_nobody_has_set_up_gets_nothing(string appUrl, string code)
    {
        using var client = app.NewClient();

        var answer = await client.GetAsync(
            $"/auth/external/site?appUrl={Uri.EscapeDataString(appUrl)}&challenge={Provider.ChallengeOf(Verifier)}");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBe(code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&challenge=")]
    [InlineData("&challenge=short")]
    [InlineData("&challenge=a!aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public async Task An_app_keeps_a_secret_of_its_own(string challenge)
    {
        using var client = app.NewClient();

        var answer = await client.GetAsync($"/auth/external/site?appUrl={Uri.EscapeDataString(ExternalApp.AppUrl)}{challenge}");

        (await answer.Code()).ShouldBe("validation-failed");
    }

    [Theory]
    [InlineData("{}", 400)]
    [InlineData("""{"grant":"x","verifier":"short"}""", 400)]
    [InlineData("""{"grant":null,"verifier":"a-verifier-that-only-this-app-knows-0123456789"}""", 400)]
    [InlineData("""{"grant":"x","verifier":"a-verifier-that-only-this-app-knows-0123456789"}""", 401)]
    [InlineData("""{"grant":"","verifier":"äääääääääääääääääääääääääääääääääääääääääääää"}""", 401)]
    public async Task What_is_no_grant_is_refused(string body, int status)
    {
        using var client = app.NewClient();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        ((int)(await client.PostAsync("/auth/external/exchange", content)).StatusCode).ShouldBe(status);
    }

    /// <summary>Where the browser is sent in the end.</summary>
    private static async Task<Uri> ReturnOf(Browser browser)
    {
        var there = await browser.Get(Start);
        var back = await browser.Get(there.Headers.Location!.AbsoluteUri);
        return (await browser.Get(back.Headers.Location!.AbsoluteUri)).Headers.Location!;
    }

    private static async Task<string> GrantOf(Browser browser)
    {
        var address = await ReturnOf(browser);
        address.OriginalString.ShouldStartWith(ExternalApp.AppUrl + "?grant=");
        return QueryHelpers.ParseQuery(address.Query)["grant"]!;
    }

    private async Task<HttpResponseMessage> Exchange(string grant, string verifier = Verifier, string? code = null)
    {
        using var client = app.NewClient();
        return await client.PostAsJsonAsync("/auth/external/exchange", new { grant, verifier, code });
    }
}

using System.Net;
using System.Text.RegularExpressions;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class SecurityPageTests(FactorsApp app) : IClassFixture<FactorsApp>
{
    private const string Password = "a long enough phrase";

    [Fact]
    public async Task An_app_is_set_up_and_removed_without_JavaScript()
    {
        using var browser = await Registered();
        await browser.Open("/account/security");
        await browser.Submit("/account/security/totp");
        browser.Path.ShouldBe("/account/security/totp");
        browser.Html.ShouldContain("<svg");
        var secret = SecretOn(browser);
        await browser.Open("/account/security/totp");
        SecretOn(browser).ShouldBe(secret);
        app.NextStep();

        await browser.Submit("/account/security/totp/confirm", ("code", app.CodeOf(secret, 1)));
        browser.Status.ShouldBe(HttpStatusCode.Unauthorized);
        browser.Html.ShouldContain("The code is wrong");
        SecretOn(browser).ShouldBe(secret);
        await browser.Submit("/account/security/totp/confirm", ("code", app.CodeOf(secret)));
        browser.Html.ShouldContain("they are shown only now");
        var codes = CodesOn(browser);
        codes.Count.ShouldBe(10);

        await browser.Open("/account/security");
        browser.Html.ShouldContain("10 left");
        browser.Html.ShouldNotContain(codes[0]);
        await browser.Submit("/account/security/recovery-codes");
        CodesOn(browser).Count.ShouldBe(10);
        CodesOn(browser).Intersect(codes).ShouldBeEmpty();
        await browser.Open("/account/security");
        app.NextStep();
        await browser.Submit("/account/security/totp/remove", ("code", app.CodeOf(secret)));
        browser.Path.ShouldBe("/account/security?changed=true");
        browser.Html.ShouldNotContain("left");
    }

    [Fact]
    public async Task The_second_step_of_a_sign_in_keeps_no_password_and_leads_to_where_the_person_wanted()
    {
        using var robin = await app.NewProtectedPerson();
        using var browser = app.NewBrowser();
        await FirstStep(browser, robin.Person, "/account?a=1");

        browser.Path.ShouldBe("/login/code?returnUrl=%2Faccount%3Fa%3D1");
        browser.Html.ShouldNotContain(robin.Person.Password);
        Cookie(browser, "kontor_at").ShouldBeNull();
        await browser.Submit("/login/code", ("code", app.CodeOf(robin.Secret, 1)));
        browser.Status.ShouldBe(HttpStatusCode.Unauthorized);
        await browser.Submit("/login/code", ("code", app.CodeOf(robin.Secret)));

        browser.Path.ShouldBe("/account?a=1");
        browser.Status.ShouldBe(HttpStatusCode.OK);
        Cookie(browser, "kontor_pending").ShouldBeNull();
    }

    [Fact]
    public async Task A_recovery_code_is_another_second_step()
    {
        using var robin = await app.NewProtectedPerson();
        using var browser = app.NewBrowser("de");
        await FirstStep(browser, robin.Person, "/account");

        await browser.Open("/login/code?recovery=true&returnUrl=%2Faccount");
        browser.Html.ShouldContain("Wiederherstellungscode");
        await browser.Submit("/login/code", ("code", "aaaaa-aaaaa"));
        browser.Html.ShouldContain("Der Code ist falsch");
        browser.Html.ShouldContain("Einer der Codes, die Sie");
        await browser.Submit("/login/code", ("code", robin.RecoveryCodes[9]));

        browser.Path.ShouldBe("/account");
    }

    [Fact]
    public async Task A_second_step_is_good_once()
    {
        using var robin = await app.NewProtectedPerson();
        using var browser = app.NewBrowser();
        await FirstStep(browser, robin.Person, "/account");
        var pending = Cookie(browser, "kontor_pending")!;
        await browser.Submit("/login/code", ("code", app.CodeOf(robin.Secret)));
        browser.Path.ShouldBe("/account");

        using var thief = app.NewBrowser();
        thief.Cookies.Add(app.Address, new Cookie("kontor_pending", pending, "/"));
        await thief.Open("/login/code");
        app.NextStep();
        await thief.Submit("/login/code", ("code", app.CodeOf(robin.Secret)));

        thief.Path.ShouldStartWith("/login?over=true");
        thief.Html.ShouldContain("That took too long, or was used before.");
        Cookie(thief, "kontor_at").ShouldBeNull();
    }

    [Fact]
    public async Task A_second_step_has_five_minutes()
    {
        using var robin = await app.NewProtectedPerson();
        using var browser = app.NewBrowser();
        await FirstStep(browser, robin.Person, "/account");
        var pending = Cookie(browser, "kontor_pending")!;

        app.Clock.Advance(TimeSpan.FromMinutes(6));
        browser.Cookies.Add(app.Address, new Cookie("kontor_pending", pending, "/"));
        await browser.Submit("/login/code", ("code", app.CodeOf(robin.Secret)));

        browser.Path.ShouldBe("/login?over=true&returnUrl=%2Faccount");
    }

    [Fact]
    public async Task A_second_step_is_over_when_everything_was_signed_out_meanwhile()
    {
        using var robin = await app.NewProtectedPerson();
        using var browser = app.NewBrowser();
        await FirstStep(browser, robin.Person, "/account");

        (await robin.Person.Client.PostAsync("/auth/logout-all", null)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await browser.Submit("/login/code", ("code", app.CodeOf(robin.Secret)));

        browser.Path.ShouldStartWith("/login?over=true");
        Cookie(browser, "kontor_at").ShouldBeNull();
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("AAAA")]
    public async Task A_second_step_that_was_made_up_is_none(string pending)
    {
        using var browser = app.NewBrowser();
        browser.Cookies.Add(app.Address, new Cookie("kontor_pending", pending, "/"));

        await browser.Open("/login/code");

        browser.Path.ShouldStartWith("/login?over=true");
    }

    [Fact]
    public async Task Too_many_wrong_codes_are_said_with_the_time_to_wait()
    {
        using var robin = await app.NewProtectedPerson();
        using var browser = app.NewBrowser();
        await FirstStep(browser, robin.Person, "/account");
        for (var i = 0; i < 12; i++)
        {
            await browser.Submit("/login/code", ("code", app.CodeOf(robin.Secret, 1)));
            if (browser.Status == HttpStatusCode.TooManyRequests) break;
        }

        browser.Status.ShouldBe(HttpStatusCode.TooManyRequests);
        browser.Html.ShouldMatch("There were too many tries. Try again in [0-9]+ (s|min).");
    }

    [Fact]
    public async Task Signing_in_again_asks_for_the_code_too()
    {
        using var robin = await app.NewProtectedPerson();
        using var browser = app.NewBrowser();
        await FirstStep(browser, robin.Person, "/account/security");
        await browser.Submit("/login/code", ("code", app.CodeOf(robin.Secret)));
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        await browser.Open("/account/security");
        await browser.Submit("/account/security/recovery-codes");

        browser.Path.ShouldStartWith("/login/again");
        await browser.Submit("/login/again", ("password", robin.Person.Password), ("code", ""));
        browser.Status.ShouldBe(HttpStatusCode.Unauthorized);
        app.NextStep();
        await browser.Submit("/login/again", ("password", robin.Person.Password), ("code", app.CodeOf(robin.Secret)));

        browser.Status.ShouldBe(HttpStatusCode.OK);
        browser.Path.ShouldBe("/account");
    }

    private static string SecretOn(Testing.Browser browser) =>
        Regex.Match(browser.Html, """<code class="secret">([A-Z2-7 ]+)</code>""").Groups[1].Value.Replace(" ", "");

    private static List<string> CodesOn(Testing.Browser browser) =>
        [.. Regex.Matches(browser.Html, "<li><code>([0-9a-z-]+)</code></li>").Select(match => match.Groups[1].Value)];

    private static string? Cookie(Testing.Browser browser, string name) =>
        browser.Cookies.GetAllCookies().LastOrDefault(cookie => cookie.Name == name && !cookie.Expired)?.Value;

    private static async Task FirstStep(Testing.Browser browser, Person person, string target)
    {
        await browser.Open($"/login?returnUrl={Uri.EscapeDataString(target)}");
        await browser.Submit("/login", ("email", person.Email), ("password", person.Password));
    }

    private async Task<Testing.Browser> Registered()
    {
        var browser = app.NewBrowser();
        await browser.Open("/register");
        await browser.Submit("/register", ("name", "Robin"), ("email", $"{Guid.NewGuid():N}@kontor.example"), ("password", Password));
        return browser;
    }
}

using System.Net;
using System.Text.RegularExpressions;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Where a person is signed in, on the pages and by the API.</summary>
public class SessionPageTests(FactorsApp app) : IClassFixture<FactorsApp>
{
    private const string Home = "/account/sessions";

    /// <summary>Wants a fresh sign-in before a session is ended from elsewhere.</summary>
    public sealed class StrictApp : KontorApp
    {
        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.PostConfigure<AccountOptions>(options => options.FreshSignInToEndSessions = true);
    }

    [Fact]
    public async Task The_account_page_says_how_many_and_leads_to_the_list()
    {
        using var robin = await app.NewPerson();
        using var browser = await SignedIn(robin);

        await browser.Open("/account");
        Text(browser).ShouldContain("On one other.");
        browser.Html.ShouldContain($"href=\"{Home}\"");
        await browser.Open(Home);

        Items(browser).Count.ShouldBe(2);
        var here = Items(browser).Single(item => item.Contains("This device", StringComparison.Ordinal));
        here.ShouldNotContain("/end\"");
        here.ShouldContain("127.0.0.0/24");
        Regex.Count(here, "<time ").ShouldBe(2);
    }

    [Fact]
    public async Task All_others_are_ended_from_the_page()
    {
        using var robin = await app.NewPerson();
        using var stranger = await app.NewPerson();
        using var browser = await SignedIn(robin);
        await browser.Open(Home);

        await browser.Submit($"{Home}/end-others");

        browser.Path.ShouldBe($"{Home}?ended=others");
        Text(browser).ShouldContain("On all other devices you are signed out.");
        Items(browser).ShouldHaveSingleItem().ShouldContain("This device");
        browser.Html.ShouldNotContain("end-others\"");
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await stranger.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task All_others_are_ended_by_the_API()
    {
        using var robin = await app.NewPerson();
        using var phone = await app.SignIn(robin.Email, robin.Password);
        using var tablet = await app.SignIn(robin.Email, robin.Password);

        (await phone.Client.DeleteAsync("/auth/sessions")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await phone.Client.DeleteAsync("/auth/sessions")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await phone.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        foreach (var other in new[] { robin, tablet })
            (await other.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await app.Refreshed(phone);
    }

    [Fact]
    public async Task After_a_factor_was_changed_ending_the_others_is_offered()
    {
        using var robin = await app.NewPerson();
        using var browser = await SignedIn(robin);
        await browser.Open("/account/security");
        browser.Html.ShouldNotContain($"{Home}/end-others");
        await browser.Submit("/account/security/totp");
        var secret = Regex.Match(browser.Html, "secret=([A-Z2-7]+)").Groups[1].Value;
        if (secret.Length == 0) secret = Regex.Replace(Regex.Match(browser.Html, "class=\"secret\">([^<]+)").Groups[1].Value, @"\s", "");
        await browser.Submit("/account/security/totp/confirm", ("code", app.CodeOf(secret)));
        browser.Html.ShouldContain("href=\"/account/security?changed=true\"");

        await browser.Open("/account/security?changed=true");
        await browser.Submit($"{Home}/end-others");

        browser.Path.ShouldBe($"{Home}?ended=others");
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_fresh_sign_in_before_ending_sessions_can_be_asked_for()
    {
        var strict = new StrictApp();
        await using var _ = strict;
        await strict.InitializeAsync();
        using var robin = await strict.NewPerson();
        using var phone = await strict.SignIn(robin.Email, robin.Password);
        using var browser = strict.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", robin.Email), ("password", robin.Password));
        strict.Clock.Advance(TimeSpan.FromMinutes(11));
        phone.Use((await strict.Refreshed(phone)).Tokens);

        foreach (var (method, path) in new[]
        {
            (HttpMethod.Delete, "/auth/sessions"), (HttpMethod.Delete, $"/auth/sessions/{robin.Id}"), (HttpMethod.Post, "/auth/logout-all"),
        })
        {
            using var request = new HttpRequestMessage(method, path);
            using var refused = await phone.Client.SendAsync(request);
            refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
            (await refused.Code()).ShouldBe("sign-in-again");
        }

        await browser.Open(Home);
        Items(browser).Count.ShouldBe(3);
        await browser.Submit($"{Home}/end-others");
        browser.Path.ShouldStartWith("/login/again");
        await browser.Submit("/login/again", ("password", robin.Password));
        await browser.Open(Home);
        await browser.Submit($"{Home}/end-others");
        Items(browser).ShouldHaveSingleItem();
        (await phone.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    private async Task<Testing.Browser> SignedIn(Person person)
    {
        var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", person.Email), ("password", person.Password));
        return browser;
    }

    private static List<string> Items(Testing.Browser browser) =>
        [.. Regex.Matches(Regex.Match(browser.Html, "<ul class=\"list sessions\">.*?</ul>", RegexOptions.Singleline).Value,
            "<li.*?</li>", RegexOptions.Singleline).Select(match => match.Value)];

    private static string Text(Testing.Browser browser) => WebUtility.HtmlDecode(Regex.Replace(browser.Html, @"\s+", " "));
}

using System.Net;
using Kontor.Testing;
using Microsoft.AspNetCore.WebUtilities;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>Redirects that are forged, replayed or mixed up, and a site that breaks: nobody gets in, and nothing is left.</summary>
public class ExternalAttackTests(ExternalApp app) : IClassFixture<ExternalApp>
{
    private string TheirEmail => (string)app.Site.Person["email"]!;

    [Fact]
    public async Task A_state_is_good_once()
    {
        using var browser = NewArrival();
        var callback = await CallbackOf(browser);
        var cookies = browser.Cookies.GetCookieHeader(new Uri(app.Address, "/auth/external/site/callback"));
        cookies.ShouldContain("kontor_external_");
        (await browser.Get(callback)).StatusCode.ShouldBe(HttpStatusCode.Redirect);
        browser.Cookie("kontor_at").ShouldNotBeNull();

        // Once more in the same browser, and by somebody who has copied its cookie too.
        (await browser.Get(callback)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        using var thief = app.NewClient();
        thief.DefaultRequestHeaders.Add("Cookie", cookies);
        var answer = await thief.GetAsync(callback);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Code()).ShouldBe("external-state");
        answer.Headers.TryGetValues("Set-Cookie", out var set);
        (set ?? []).ShouldNotContain(cookie => cookie.StartsWith("kontor_at=", StringComparison.Ordinal) && cookie.Length > 50);
    }

    [Fact]
    public async Task Another_browsers_way_back_leads_nowhere()
    {
        using var attacker = NewArrival();
        var callback = await CallbackOf(attacker);

        using var victim = new Browser(app);
        await victim.Get("/auth/external/site");
        var answer = await victim.Get(callback);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        victim.Cookie("kontor_at").ShouldBeNull();
    }

    [Fact]
    public async Task A_code_of_another_way_is_refused_by_the_site_for_its_verifier()
    {
        using var attacker = NewArrival();
        var stolen = QueryHelpers.ParseQuery(new Uri(await CallbackOf(attacker)).Query);
        using var victim = new Browser(app);
        var own = QueryHelpers.ParseQuery(new Uri(await CallbackOf(victim)).Query);
        var redeemed = app.Site.Redeemed;

        var answer = await victim.Get(
            $"/auth/external/site/callback?code={stolen["code"]}&state={own["state"]}&iss={Uri.EscapeDataString(own["iss"]!)}");

        answer.Headers.Location!.ToString().ShouldBe("/login?note=external-failed&returnUrl=%2F");
        app.Site.Redeemed.ShouldBe(redeemed);
        victim.Cookie("kontor_at").ShouldBeNull();
    }

    [Fact]
    public async Task The_answer_of_one_site_is_not_taken_for_anothers()
    {
        using var browser = NewArrival();
        var callback = await CallbackOf(browser);
        var redeemed = app.Site.Redeemed;

        var mixed = await browser.Get(callback.Replace("/external/site/", "/external/other/", StringComparison.Ordinal));

        mixed.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        app.Site.Redeemed.ShouldBe(redeemed);
        browser.Cookie("kontor_at").ShouldBeNull();
    }

    [Fact]
    public async Task A_way_that_took_too_long_is_over()
    {
        using var browser = NewArrival();
        var callback = await CallbackOf(browser);
        app.Clock.Advance(TimeSpan.FromMinutes(10.5));

        (await browser.Get(callback)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        browser.Cookie("kontor_at").ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("?code=x")]
    [InlineData("?state=x&code=x")]
    [InlineData("?state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&code=x")]
    [InlineData("?state=%00&code=x")]
    [InlineData("?state=x&state=y&code=x")]
    [InlineData("?error=access_denied")]
    public async Task A_way_back_that_nobody_went_is_refused(string query)
    {
        using var browser = new Browser(app);

        (await browser.Get($"/auth/external/site/callback{query}")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_cookie_that_was_made_up_is_none()
    {
        var state = new string('A', 43);
        using var client = app.NewClient();
        foreach (var value in new[] { "x", new string('A', 200), "%00", new string('B', 4000) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/auth/external/site/callback?state={state}&code=x");
            request.Headers.Add("Cookie", $"kontor_external_AAAAAAAA={value}");
            var answer = await client.SendAsync(request);
            (await answer.Code()).ShouldBe("external-state");
        }
    }

    [Fact]
    public async Task Who_changes_their_mind_there_is_told_so_here()
    {
        using var browser = NewArrival("cancelled");

        var answer = await browser.Get(await CallbackOf(browser));

        answer.Headers.Location!.ToString().ShouldBe("/login?note=external-cancelled&returnUrl=%2F");
        (await (await browser.Get("/login?note=external-cancelled")).Content.ReadAsStringAsync()).ShouldContain("was cancelled");
    }

    public static TheoryData<string> Faults =>
    [
        "refused", "nameless", "misnamed", "slow", "odd-token-type", "nobody",
        "token-error", "token-rubbish", "token-list", "token-empty", "token-huge", "token-deep", "token-surrogate", "token-nul",
        "token-header", "token-redirect",
        "userinfo-error", "userinfo-rubbish", "userinfo-list", "userinfo-empty", "userinfo-huge", "userinfo-deep", "userinfo-surrogate",
        "userinfo-nul", "userinfo-header", "userinfo-redirect",
        "id-token-of-another-site", "id-token-for-another-client", "id-token-of-another-person", "id-token-of-another-sign-in",
    ];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_site_that_breaks_lets_nobody_in(string fault)
    {
        using var browser = NewArrival(fault);

        var answer = await browser.Get(await CallbackOf(browser));

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldBe("/login?note=external-failed&returnUrl=%2F");
        browser.Cookie("kontor_at").ShouldBeNull();
        (await app.AccountsWith(TheirEmail)).ShouldBe(0);
        // And when it is well again, so is signing in.
        app.Site.Fault = null;
        using var later = await app.Arrive("/auth/external/site");
        (await ExternalApp.WhoIs(later)).ShouldBe(TheirEmail);
    }

    [Fact]
    public async Task A_site_that_cannot_be_reached_is_a_clear_answer()
    {
        using var client = app.NewClient();

        var answer = await client.GetAsync("/auth/external/down");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway);
        (await answer.Code()).ShouldBe("external-failed");
    }

    [Fact]
    public async Task A_document_that_speaks_for_another_site_is_not_believed()
    {
        app.Site.Fault = "describes-another";
        using var client = app.NewClient();

        (await (await client.GetAsync("/auth/external/broken")).Code()).ShouldBe("external-failed");

        app.Site.Fault = null;
        (await client.GetAsync("/auth/external/broken")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Theory]
    [InlineData("/auth/external/nobody")]
    [InlineData("/auth/external/SITE")]
    [InlineData("/auth/external/%2e%2e%2fsite")]
    public async Task A_site_that_nobody_has_set_up_does_not_exist(string path)
    {
        using var client = app.NewClient();

        var answer = await client.GetAsync(path);

        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.Code()).ShouldBe("not-found");
    }

    [Fact]
    public async Task What_a_browser_keeps_on_its_way_is_out_of_reach_of_scripts_and_other_sites()
    {
        using var client = app.NewClient();

        var answer = await client.GetAsync("/auth/external/site?returnUrl=/planner");

        var cookie = answer.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
        cookie.ShouldContain("path=/auth/external");
        cookie.ShouldContain("max-age=600");
        cookie.ShouldNotContain("planner");
        var asked = QueryHelpers.ParseQuery(answer.Headers.Location!.Query);
        cookie.ShouldNotContain(asked["state"].ToString());
        asked["redirect_uri"].ToString().ShouldBe($"{app.Address}auth/external/site/callback");
    }

    /// <summary>Somebody new at the other site's door.</summary>
    private Browser NewArrival(string? fault = null)
    {
        app.Site.Person = OtherSite.NewPerson();
        app.Site.Fault = fault;
        return new Browser(app);
    }

    /// <summary>Where the other site sends the browser back to.</summary>
    private static async Task<string> CallbackOf(Browser browser)
    {
        var there = await browser.Get("/auth/external/site");
        there.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        var back = await browser.Get(there.Headers.Location!.AbsoluteUri);
        return back.Headers.Location!.AbsoluteUri;
    }
}

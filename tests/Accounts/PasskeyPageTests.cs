using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>What the pages' script does, by hand: asks for an offer with a form's fields, and sends the form with the answer.</summary>
public class PasskeyPageTests(FactorsApp app) : IClassFixture<FactorsApp>
{
    private const string Password = "a long enough phrase";

    [Fact]
    public async Task A_passkey_is_added_renamed_and_removed()
    {
        using var browser = await Registered();
        using var key = app.NewAuthenticator();
        using var second = app.NewAuthenticator();
        var first = await Add(browser, key, "Phone");
        var html = await first.Content.ReadAsStringAsync();
        html.ShouldContain("they are shown only now");
        (await Add(browser, second, "")).Headers.Location!.ToString().ShouldBe("/account/security?changed=true");

        var page = await Text(await browser.Get("/account/security"));
        page.ShouldContain("<strong>Phone</strong>");
        page.ShouldContain("<strong>Firefox (Linux)</strong>");
        page.ShouldContain("never used");
        var id = System.Text.RegularExpressions.Regex.Match(page, "/account/security/passkeys/([^/]+)/remove").Groups[1].Value;
        await browser.Submit("/account/security", $"/account/security/passkeys/{id}/name", new { name = "Old <phone>" });
        (await Text(await browser.Get("/account/security"))).ShouldContain("<strong>Old &lt;phone&gt;</strong>");
        var longest = new { name = new string('x', 61) };
        var refused = await browser.Submit("/account/security", $"/account/security/passkeys/{id}/name", longest);
        (await Text(refused)).ShouldContain("A name has at most 60 characters.");

        await browser.Submit("/account/security", $"/account/security/passkeys/{id}/remove", new { name = "" });
        (await Text(await browser.Get("/account/security"))).ShouldNotContain("Old &lt;phone&gt;");
    }

    [Fact]
    public async Task A_passkey_alone_signs_in_and_leads_to_where_the_person_wanted()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        using var browser = new Browser(app);
        var token = await browser.TokenOf("/login?returnUrl=%2Faccount");

        var offer = await Offer(browser, "/login/passkey/options", token);
        var answer = await browser.Post("/login/passkey", Answer(offer, key.Get, "/account"), token);

        answer.Headers.Location!.ToString().ShouldBe("/account");
        (await browser.Get("/account")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_wrong_passkey_is_said_on_the_page()
    {
        using var robin = await app.NewPerson();
        using var key = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        key.Origin = "https://evil.example";
        using var browser = new Browser(app);
        var token = await browser.TokenOf("/login");

        var offer = await Offer(browser, "/login/passkey/options", token);
        var answer = await browser.Post("/login/passkey", Answer(offer, key.Get, "/"), token);

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await Text(answer)).ShouldContain("The passkey was not accepted.");
        browser.Cookie("kontor_at").ShouldBeNull();
        (await browser.Post("/login/passkey/options", new { }, token: null)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_passkey_is_the_second_step_for_whom_it_was_asked_only()
    {
        using var robin = await app.NewPerson();
        using var mallory = await app.NewPerson();
        using var key = app.NewAuthenticator();
        using var other = app.NewAuthenticator();
        await app.AddPasskey(robin, key);
        await app.AddPasskey(mallory, other);
        using var browser = new Browser(app);
        await browser.Submit("/login", "/login", new { email = robin.Email, password = robin.Password });
        var token = await browser.TokenOf("/login/code");

        var offer = await Offer(browser, "/login/code/passkey/options", token);
        offer.GetProperty("publicKey").GetProperty("allowCredentials").GetArrayLength().ShouldBe(1);
        var wrong = await browser.Post("/login/code/passkey", Answer(offer, other.Get, "/account"), token);
        var right = await browser.Post("/login/code/passkey", Answer(offer, key.Get, "/account"), token);

        wrong.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        right.Headers.Location!.ToString().ShouldBe("/account");
        var access = new TokenPair(browser.Cookie("kontor_at")!, "", "", 0, null!);
        app.MethodsIn(access).ShouldBe(["pwd", "pop", "mfa"]);
        browser.Cookie("kontor_pending").ShouldBeNull();
    }

    [Fact]
    public async Task Signing_in_again_takes_a_passkey_too()
    {
        using var browser = await Registered();
        using var key = app.NewAuthenticator();
        await Add(browser, key, "Phone");
        app.Clock.Advance(TimeSpan.FromMinutes(11));
        var token = await browser.TokenOf("/login/again");
        (await browser.Post("/account/security/passkeys/options", new { }, token)).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        var offer = await Offer(browser, "/login/again/passkey/options", token);
        var answer = await browser.Post("/login/again/passkey", Answer(offer, key.Get, "/account/security"), token);

        answer.Headers.Location!.ToString().ShouldBe("/account/security");
        (await browser.Post("/account/security/passkeys/options", new { }, token)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task By_an_address_instead_of_a_name_the_page_says_where_passkeys_work()
    {
        using var browser = new Browser(app);

        var page = await Text(await browser.Get("/login?returnUrl=%2Faccount"));

        page.ShouldContain($"href=\"http://localhost:{app.Address.Port}/login?returnUrl=%2Faccount\"");
        page.ShouldNotContain("data-passkey=");
    }

    private static async Task<JsonElement> Offer(Browser browser, string path, string token)
    {
        var answer = await browser.Post(path, new { }, token);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static object Answer(JsonElement offer, Func<JsonElement, System.Text.Json.Nodes.JsonObject> device, string returnUrl) => new
    {
        state = offer.GetProperty("state").GetString()!,
        credential = device(offer.GetProperty("publicKey")).ToJsonString(),
        returnUrl,
    };

    private static Task<string> Text(HttpResponseMessage answer) => answer.Content.ReadAsStringAsync();

    private static async Task<HttpResponseMessage> Add(Browser browser, Authenticator key, string name)
    {
        var token = await browser.TokenOf("/account/security");
        var offer = await Offer(browser, "/account/security/passkeys/options", token);
        return await browser.Post("/account/security/passkeys", new
        {
            state = offer.GetProperty("state").GetString()!,
            credential = key.Create(offer.GetProperty("publicKey")).ToJsonString(),
            name,
        }, token);
    }

    private async Task<Browser> Registered()
    {
        var browser = new Browser(app);
        await browser.Submit(
            "/register", "/register", new { name = "Robin", email = $"{Guid.NewGuid():N}@kontor.example", password = Password });
        return browser;
    }
}

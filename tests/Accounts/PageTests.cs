using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class PageTests(KontorApp app) : IClassFixture<KontorApp>
{
    private const string Password = "a long enough phrase";

    [Fact]
    public async Task A_visitor_registers_and_is_signed_in()
    {
        using var browser = new Browser(app);
        var email = NewEmail();

        var form = new { name = "Robin", email, password = Password, returnUrl = "/account" };

        var answer = await browser.Submit("/register", "/register", form);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldBe("/account");
        var page = await Html(await browser.Get("/account"));
        page.ShouldContain(email);
        page.ShouldContain("Robin");
        page.ShouldContain("Firefox (Linux)");
    }

    [Fact]
    public async Task The_tokens_are_out_of_reach_of_scripts_and_of_other_sites()
    {
        using var browser = new Browser(app);

        var answer = await browser.Submit("/register", "/register", new { email = NewEmail(), password = Password });

        var cookies = answer.Headers.GetValues("Set-Cookie").ToList();
        cookies.Select(cookie => cookie.Split('=')[0]).ShouldBe(["kontor_at", "kontor_rt", "kontor_attempt"]);
        cookies.ShouldAllBe(cookie => cookie.Contains("httponly") && cookie.Contains("samesite=lax") && cookie.Contains("path=/;"));
    }

    [Theory]
    [InlineData("Robin", "no address", Password, 400, "This is not an e-mail address.")]
    [InlineData("Robin", "a@kontor.example", "short", 400, "A password has at least 8 characters.")]
    [InlineData("Robin", "ADA@kontor.example", Password, 409, "There is an account with this e-mail address.")]
    public async Task Wrong_input_is_shown_beside_its_field_and_what_was_typed_is_kept(
        string name, string email, string password, int status, string message)
    {
        using var browser = new Browser(app);

        var answer = await browser.Submit("/register", "/register", new { name, email, password, returnUrl = "/account" });

        ((int)answer.StatusCode).ShouldBe(status);
        var page = await Html(answer);
        page.ShouldContain(message);
        page.ShouldContain($"value=\"{name}\"");
        page.ShouldContain($"value=\"{email}\"");
        page.ShouldContain("value=\"/account\"");
        page.ShouldNotContain(password);
        browser.Cookie("kontor_rt").ShouldBeNull();
    }

    [Fact]
    public async Task A_wrong_password_is_said_and_nothing_else()
    {
        using var browser = new Browser(app);

        var answer = await browser.Submit("/login", "/login", new { email = "ada@kontor.example", password = "wrong-password" });

        answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        var page = await Html(answer);
        page.ShouldContain("E-mail address or password is wrong.");
        page.ShouldContain("value=\"ada@kontor.example\"");
        page.ShouldNotContain("wrong-password");
        browser.Cookie("kontor_at").ShouldBeNull();
    }

    [Theory]
    [InlineData("/account?saved=name", "/account?saved=name")]
    [InlineData("/shop/k\u00e4se?q=%2F\u00e4#a", "/shop/k%C3%A4se?q=%2F%C3%A4#a")]
    [InlineData("//evil.example/", "/")]
    [InlineData("/\\evil.example/", "/")]
    [InlineData("https://evil.example/", "/")]
    [InlineData("", "/")]
    public async Task Signing_in_leads_back_to_a_path_of_this_server_only(string returnUrl, string target)
    {
        using var browser = new Browser(app);

        var form = new { email = "ada@kontor.example", password = "kontor-demo-ada", returnUrl };

        var answer = await browser.Submit("/login", "/login", form);

        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldBe(target);
    }

    [Fact]
    public async Task A_stranger_is_sent_to_sign_in_and_back()
    {
        using var browser = new Browser(app);

        var answer = await browser.Get("/account");

        answer.Headers.Location!.ToString().ShouldBe("/login?returnUrl=%2Faccount");
        (await Html(await browser.Get("/login?returnUrl=%2Faccount"))).ShouldContain("value=\"/account\"");
    }

    [Fact]
    public async Task A_form_without_its_antiforgery_token_does_nothing()
    {
        using var browser = await SignedIn();

        foreach (var action in new[] { "/logout", "/account/logout-all", "/account/name" })
            (await browser.Post(action, new { name = "Mallory" }, token: null)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);

        var page = await Html(await browser.Get("/account"));
        page.ShouldContain("Robin");
        page.ShouldNotContain("Mallory");
    }

    [Fact]
    public async Task Signing_out_ends_the_session_and_forgets_the_tokens()
    {
        using var browser = await SignedIn();
        var access = browser.Cookie("kontor_at")!;
        var refresh = browser.Cookie("kontor_rt")!;

        (await browser.Submit("/account", "/logout", new { })).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        browser.Cookie("kontor_at").ShouldBeNull();
        browser.Cookie("kontor_rt").ShouldBeNull();
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", access);
        (await client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.PostAsJsonAsync("/auth/refresh", new { refreshToken = refresh })).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_page_whose_access_token_has_run_out_is_refreshed_on_the_way()
    {
        using var browser = await SignedIn();
        var (access, refresh, attempt) = (browser.Cookie("kontor_at"), browser.Cookie("kontor_rt"), browser.Cookie("kontor_attempt"));
        app.Clock.Advance(TimeSpan.FromHours(3));

        (await browser.Get("/account")).StatusCode.ShouldBe(HttpStatusCode.OK);

        browser.Cookie("kontor_at").ShouldNotBe(access);
        browser.Cookie("kontor_rt").ShouldNotBe(refresh);
        browser.Cookie("kontor_attempt").ShouldNotBe(attempt);
        (await browser.Get("/account")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Parallel_pages_are_refreshed_together()
    {
        using var browser = await SignedIn();
        using var client = app.NewClient();
        var cookies = $"kontor_rt={browser.Cookie("kontor_rt")}; kontor_attempt={browser.Cookie("kontor_attempt")}";
        client.DefaultRequestHeaders.Add("Cookie", cookies);

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => client.GetAsync("/account")));

        answers.ShouldAllBe(answer => answer.StatusCode == HttpStatusCode.OK);
        answers.Select(answer => answer.Headers.GetValues("Set-Cookie").Single(IsRefresh).Split(';')[0]).Distinct().ShouldHaveSingleItem();

        static bool IsRefresh(string cookie) => cookie.StartsWith("kontor_rt", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_whose_answer_was_lost_goes_on_hours_later()
    {
        using var browser = await SignedIn();
        var before = browser.Cookies.GetAllCookies().ToList();
        browser.Forget("kontor_at");
        (await browser.Get("/account")).StatusCode.ShouldBe(HttpStatusCode.OK);

        // As if that answer had not arrived: the browser still has what it had before.
        using var behind = new Browser(app);
        foreach (var cookie in before.Where(cookie => cookie.Name != "kontor_at"))
            behind.Cookies.Add(app.Address, new Cookie(cookie.Name, cookie.Value, "/"));
        app.Clock.Advance(TimeSpan.FromHours(2));

        (await behind.Get("/account")).StatusCode.ShouldBe(HttpStatusCode.OK);
        behind.Cookie("kontor_rt").ShouldBe(browser.Cookie("kontor_rt"));
    }

    [Fact]
    public async Task A_refresh_that_fails_forgets_the_tokens()
    {
        using var browser = await SignedIn();
        app.Clock.Advance(TimeSpan.FromDays(8));

        (await browser.Get("/account")).StatusCode.ShouldBe(HttpStatusCode.Redirect);

        browser.Cookie("kontor_rt").ShouldBeNull();
    }

    [Fact]
    public async Task Cookies_sign_in_on_pages_only_and_headers_on_the_api_only()
    {
        using var browser = await SignedIn();

        var api = await browser.Get("/users/me");
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", browser.Cookie("kontor_at"));
        var page = await client.GetAsync("/account");

        api.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        page.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        page.Headers.Location!.ToString().ShouldStartWith("/login");
    }

    [Fact]
    public async Task A_new_name_is_shown_at_once()
    {
        using var browser = await SignedIn();

        var answer = await browser.Submit("/account", "/account/name", new { name = "Rowan" });
        var refused = await browser.Submit("/account", "/account/name", new { name = new string('x', 101) });

        answer.Headers.Location!.ToString().ShouldBe("/account?saved=name");
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await Html(refused)).ShouldContain("A name has at most 100 characters.");
        var page = await Html(await browser.Get("/account?saved=name"));
        page.ShouldContain("Your changes are saved.");
        page.ShouldContain("<span class=\"tool-text\">Rowan</span>");
    }

    [Fact]
    public async Task Another_session_is_ended_from_the_list()
    {
        using var browser = await SignedIn();
        var email = Regex.Match(await Html(await browser.Get("/account")), @"<dd[^>]*>\s*([^<\s]+@[^<\s]+)").Groups[1].Value;
        using var phone = new Browser(app, "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Safari/605");
        await phone.Submit("/login", "/login", new { email, password = Password });
        (await Html(await browser.Get("/account/sessions"))).ShouldContain("Safari (iPhone)");
        using var stranger = await SignedIn();

        var foreign = await stranger.Submit("/account/sessions", $"/account/sessions/{SidOf(phone)}/end", new { });
        var own = await browser.Submit("/account/sessions", $"/account/sessions/{SidOf(phone)}/end", new { });

        foreign.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        own.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        (await phone.Get("/account")).Headers.Location!.ToString().ShouldStartWith("/login");
        (await Html(await browser.Get("/account/sessions"))).ShouldNotContain("Safari (iPhone)");
    }

    [Fact]
    public async Task Signing_out_everywhere_leads_to_the_sign_in()
    {
        using var browser = await SignedIn();

        var answer = await browser.Submit("/account/sessions", "/account/logout-all", new { });

        answer.Headers.Location!.ToString().ShouldBe("/login");
        browser.Cookie("kontor_rt").ShouldBeNull();
        (await browser.Get("/account")).StatusCode.ShouldBe(HttpStatusCode.Redirect);
    }

    [Fact]
    public async Task The_pages_speak_german()
    {
        using var browser = new Browser(app);
        browser.Cookies.Add(app.Address, new Cookie("lang", "de", "/"));

        var page = await Html(await browser.Submit("/login", "/login", new { email = "ada@kontor.example", password = "x" }));

        page.ShouldContain("E-Mail-Adresse oder Passwort ist falsch.");
        page.ShouldContain("Sie haben noch kein Konto?");
    }

    private static string NewEmail() => $"{Guid.NewGuid():N}@kontor.example";

    private async Task<Browser> SignedIn()
    {
        var browser = new Browser(app);
        var answer = await browser.Submit("/register", "/register", new { name = "Robin", email = NewEmail(), password = Password });
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        return browser;
    }

    private static string SidOf(Browser browser) => JsonSerializer.Deserialize<JsonElement>(
        System.Buffers.Text.Base64Url.DecodeFromChars(browser.Cookie("kontor_at")!.Split('.')[1])).GetProperty("sid").GetString()!;

    private static async Task<string> Html(HttpResponseMessage answer) => WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
}

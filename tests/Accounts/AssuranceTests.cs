using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Kontor.Accounts.Factors;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

/// <summary>What an auditor asks, and no other test shows.</summary>
public class AssuranceTests(FactorsApp app) : IClassFixture<FactorsApp>
{
    private sealed class BareApp : KontorApp
    {
        protected override Settings Configure(Settings settings) => settings with { Demo = false };
    }

    [Fact]
    public async Task Password_fields_mask_what_is_typed_and_let_password_managers_help()
    {
        using var robin = await app.NewPerson();
        using var stranger = app.NewBrowser();
        using var browser = await SignedIn(robin);
        var fields = 0;
        foreach (var (visitor, path) in new[]
        {
            (stranger, "/login"), (stranger, "/register"), (stranger, "/reset?token=x"),
            (browser, "/account/password"), (browser, "/login/again"),
        })
        {
            await visitor.Open(path);
            visitor.Html.ShouldNotContain("onpaste");
            foreach (Match field in Regex.Matches(visitor.Html, "<input[^>]*name=\"(password|current)\"[^>]*>"))
            {
                field.Value.ShouldContain("type=\"password\"", customMessage: path);
                Regex.IsMatch(field.Value, "autocomplete=\"(current|new)-password\"").ShouldBeTrue(path);
                fields++;
            }
        }

        fields.ShouldBe(6);
    }

    [Fact]
    public async Task A_password_is_checked_whole_and_as_it_was_typed()
    {
        var email = Given.NewEmail();
        var password = $" {string.Concat(Enumerable.Range(0, 21).Select(i => $"Wort{i:00}"))} ";
        password.Length.ShouldBe(128);
        (await app.Post("/auth/register", new { email, password })).StatusCode.ShouldBe(HttpStatusCode.Created);

        (await app.Login(email, password)).ShouldBe(200);
        foreach (var other in new[] { password.Trim(), password[..^1], password[..^2] + "x ", password.ToLowerInvariant(), password + " " })
            (await app.Login(email, other)).ShouldBe(401);
    }

    [Fact]
    public async Task A_password_stays_good_for_years()
    {
        using var robin = await app.NewPerson();
        app.Clock.Advance(TimeSpan.FromDays(5 * 365));
        (await app.Login(robin.Email, robin.Password)).ShouldBe(200);
    }

    [Fact]
    public async Task Without_demo_data_nobody_has_an_account()
    {
        var bare = new BareApp();
        await using var _ = bare;
        await bare.InitializeAsync();

        (await bare.Database.Read(tx => tx.First<long>("SELECT COUNT(*) FROM accounts_users").AsTask())).ShouldBe(0);
        (await bare.Login("admin@kontor.example", "kontor-demo-admin")).ShouldBe(401);
    }

    [Fact]
    public async Task A_new_password_by_a_letter_signs_nobody_in_and_leaves_the_second_factor()
    {
        using var robin = await app.NewProtectedPerson();
        await app.Post("/auth/password/forgot", new { email = robin.Person.Email });
        var mail = await app.MailTo(robin.Person.Email, "Choose a new password");

        var reset = await app.Post("/auth/password/reset", new { token = mail.Token, newPassword = Given.NewPassword });

        reset.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        reset.Headers.TryGetValues("Set-Cookie", out var cookies);
        (cookies ?? []).ShouldAllBe(cookie => cookie.StartsWith("kontor_device=", StringComparison.Ordinal));
        var login = await app.Login(robin.Person.Email, Given.NewPassword, code: null);
        (await login.Code()).ShouldBe("mfa-required");
        (await app.Login(robin.Person.Email, Given.NewPassword, app.CodeOf(robin.Secret))).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public void A_recovery_code_has_fifty_bits()
    {
        const string alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
        var codes = Enumerable.Range(0, 2000).Select(_ => RecoveryCode.New()).ToList();

        codes.Distinct().Count().ShouldBe(codes.Count);
        codes.ShouldAllBe(code => code.Length == 11 && code[5] == '-');
        // Each of ten places has each of 32 characters: one is missing by chance once in 10^25 runs.
        foreach (var at in Enumerable.Range(0, 11).Where(at => at != 5))
            codes.Select(code => code[at]).Distinct().Order().ShouldBe(alphabet.Order());
    }

    [Fact]
    public async Task Every_page_of_somebody_signed_in_leads_out_and_is_kept_by_no_cache()
    {
        using var robin = await app.NewPerson();
        using var browser = new Browser(app);
        await browser.Submit("/login", "/login", new { email = robin.Email, password = robin.Password });
        foreach (var path in new[]
        {
            "/", "/orders", "/planner", "/account", "/account/sessions", "/account/security", "/account/password", "/account/email",
            "/account/external", "/account/delete", "/login/again",
        })
        {
            using var answer = await browser.Get(path);
            answer.StatusCode.ShouldBe(HttpStatusCode.OK, path);
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue(path);
            (await answer.Content.ReadAsStringAsync()).ShouldContain("action=\"/logout\"", customMessage: path);
        }
    }

    private async Task<Testing.Browser> SignedIn(Person person)
    {
        var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", person.Email), ("password", person.Password));
        return browser;
    }
}

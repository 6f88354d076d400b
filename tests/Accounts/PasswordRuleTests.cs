using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Accounts.Passwords;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class PasswordRuleTests(PasswordRuleTests.AcmeApp app) : IClassFixture<PasswordRuleTests.AcmeApp>
{
    public sealed class AcmeApp : KontorApp
    {
        protected override void Configure(WebApplicationBuilder builder) => builder.Configuration["Accounts:ContextWords:0"] = "Acme";
    }

    private readonly PasswordRules _rules = app.Services.GetRequiredService<PasswordRules>();

    [Theory]
    [InlineData("password")]
    [InlineData("PASSWORD")]
    [InlineData("password1!")]
    [InlineData("Password2024")]
    [InlineData("password12345678")]
    [InlineData("12345password")]
    [InlineData("!!dragon!!")]
    [InlineData("DragonDragon")]
    [InlineData("p4$$w0rd")]
    [InlineData("P@ssw0rd!")]
    [InlineData("$unshine99")]
    [InlineData("pass word")]
    [InlineData("i love you")]
    [InlineData("iloveyou")]
    [InlineData("qwertyuiop")]
    [InlineData("1qaz2wsx")]
    [InlineData("trustno1")]
    [InlineData("ｐａｓｓｗｏｒｄ")]
    [InlineData("pásswörd")]
    [InlineData("Sommer2026!")]
    [InlineData("verdammt")]
    [InlineData("11111111")]
    [InlineData("        ")]
    [InlineData("🔑🔑🔑🔑🔑🔑🔑🔑")]
    [InlineData("abababab")]
    [InlineData("123123123")]
    [InlineData("abcdefgh")]
    [InlineData("87654321")]
    [InlineData("Acme2026!")]
    [InlineData("acmeacme")]
    [InlineData("kontor.acme.1")]
    public void What_is_guessed_first_is_refused(string password) => (Check(password)?.Code).ShouldBe("password-common");

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("a long enough phrase")]
    [InlineData("tulip harbour 7")]
    [InlineData("zwölf boxkämpfer")]
    [InlineData("vK8-rrT_2q")]
    [InlineData("acme and a violet door")]
    [InlineData("пароль-на-двери")]
    [InlineData("私は毎朝紅茶を飲みます")]
    [InlineData("dragonsberg")]
    public void What_only_its_owner_puts_together_is_good(string password) => Check(password).ShouldBeNull();

    [Theory]
    [InlineData("my anna.schmidt phrase", "password-contains-email")]
    [InlineData("my ANNASCHMIDT phrase", "password-contains-email")]
    [InlineData("a schmidt at home", "password-contains-email")]
    [InlineData("welcome to müllerbrot", "password-contains-email")]
    [InlineData("welcome to Mullerbrot", "password-contains-email")]
    [InlineData("tante jelisaweta", "password-contains-name")]
    [InlineData("Je-li-sa-we-ta, tante", "password-contains-name")]
    public void What_is_known_about_its_owner_is_no_part_of_it(string password, string code) =>
        Check(password, "anna.schmidt+shop@müllerbrot.example", "Jelisaweta Li")!.Code.ShouldBe(code);

    [Theory]
    [InlineData("for example a li of tea", "a.b@c.example", "Bo Li")]
    [InlineData("savannah evening", "ann@b.example", "Ann")]
    public void Short_names_and_what_all_addresses_have_occur_in_anything(string password, string email, string name) =>
        Check(password, email, name).ShouldBeNull();

    [Theory]
    [InlineData("e\u0301e\u0301e\u0301xyzv", "password-too-short")]
    [InlineData("👩‍👩‍👧‍👦 and I", "password-too-short")]
    [InlineData("👩‍👩‍👧‍👦 and I !", null)]
    [InlineData("a bell \u0007 in it", "password-control-character")]
    public void Characters_are_what_a_person_counts(string password, string? code) => (Check(password)?.Code).ShouldBe(code);

    [Fact]
    public void Hardly_any_good_password_is_taken_for_a_common_one()
    {
        var random = new Random(20261121);
        const int asked = 200_000;

        var refused = Enumerable.Range(0, asked).Count(_ => CommonPasswords.Contains(
            string.Create(12, random, (letters, from) => from.GetItems("abcdefghijklmnopqrstuvwxyz0123456789", letters))));

        // One in 8,000 is what the list promises at worst.
        refused.ShouldBeLessThan(asked / 8_000);
    }

    [Fact]
    public async Task A_refusal_has_a_code_and_a_sentence_for_its_field()
    {
        using var client = app.NewClient();

        var answer = await client.PostAsJsonAsync(
            "/auth/register", new { email = $"{Guid.NewGuid():N}@kontor.example", password = "Password1!", name = "a\u0007b" });

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
        problem.GetProperty("code").GetString().ShouldBe("validation-failed");
        problem.GetProperty("errorCodes").GetRawText().ShouldBe("""{"password":"password-common"}""");
        problem.GetProperty("errors").GetProperty("password")[0].GetString()!.ShouldStartWith("This password is among");
        problem.GetProperty("errors").GetProperty("name").GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task The_page_says_so_in_German_beside_the_field()
    {
        using var browser = app.NewBrowser("de");
        await browser.Open("/register");

        await browser.Submit("/register", ("email", $"{Guid.NewGuid():N}@kontor.example"), ("password", "Passwort1!"));

        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        WebUtility.HtmlDecode(browser.Html).ShouldContain("Dieses Passwort gehört zu denen, die zuerst geraten werden.");
        browser.Html.ShouldNotContain("Passwort1!");
    }

    private FieldError? Check(string password, string email = "p-1@x.example", string name = "") =>
        _rules.Check(password, EmailAddress.Parse(email)!, name);
}

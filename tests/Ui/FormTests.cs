using System.Net;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Kontor.Ui.Tests;

public class FormTests(UiApp app) : IClassFixture<UiApp>
{
    [Fact]
    public async Task A_form_from_our_page_arrives()
    {
        using var browser = app.NewBrowser();
        await browser.Open("/gallery/forms");
        await browser.Submit("/gallery/named", ("name", "Ada"));
        browser.Status.ShouldBe(HttpStatusCode.OK);
        browser.Html.ShouldBe("Ada");
    }

    [Theory]
    [InlineData("/gallery/named")]
    [InlineData("/gallery/bare")]
    public async Task A_form_from_elsewhere_does_nothing(string action)
    {
        using var client = app.NewClient();
        var before = await client.GetStringAsync("/gallery/done");
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["name"] = "Eve" });
        using var answer = await client.PostAsync(action, form);
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await answer.Content.ReadAsStringAsync()).ShouldContain("\"code\":\"form-expired\"");
        using var nothing = await client.PostAsync(action, null);
        nothing.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await client.GetStringAsync("/gallery/done")).ShouldBe(before);
    }

    [Fact]
    public async Task A_person_whose_form_expired_is_told_what_to_do()
    {
        using var browser = app.NewBrowser();
        await browser.Open("/gallery/forms");
        await browser.Submit("/gallery/named", ("name", "Ada"), ("__RequestVerificationToken", "old"));
        browser.Status.ShouldBe(HttpStatusCode.BadRequest);
        browser.Html.ShouldContain("<h1>This form has expired</h1>");
        browser.Html.ShouldContain("try once more");
    }

    [Fact]
    public async Task Every_idempotent_form_has_a_key_of_its_own()
    {
        using var browser = app.NewBrowser();
        await browser.Open("/gallery");
        var keys = Regex.Matches(browser.Html, "name=\"idempotencyKey\" value=\"([0-9a-f]{32})\"")
            .Select(match => match.Groups[1].Value).ToList();
        keys.Count.ShouldBe(5);
        keys.Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public async Task The_token_is_kept_from_scripts_and_other_sites()
    {
        using var answer = await app.Browse("/gallery/forms");
        var cookie = answer.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        cookie.ShouldStartWith("kontor_af=");
        cookie.ShouldContain("httponly");
        cookie.ShouldContain("samesite=lax");
    }

    [Fact]
    public async Task A_fields_error_and_hint_are_read_out_with_it()
    {
        var html = await (await app.Browse("/gallery/forms")).Content.ReadAsStringAsync();
        html.ShouldContain("aria-describedby=\"email-error email-hint\"");
        html.ShouldContain("id=\"email-error\"");
        html.ShouldContain("id=\"email-hint\"");
        html.ShouldContain("aria-invalid=\"true\"");
        html.ShouldContain("Ring &lt;twice&gt;");
        html.ShouldContain("<option value=\"DE\" selected>");
    }
}

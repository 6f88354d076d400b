using System.Net;
using System.Text;
using Shouldly;
using Xunit;

namespace Kontor.Ui.Tests;

public class LanguageTests(UiApp app) : IClassFixture<UiApp>
{
    [Theory]
    [InlineData("de-AT,de;q=0.9,en;q=0.8", "de", "noch 1234,5 Stück")]
    [InlineData("fr,en;q=0.5,de;q=0.8", "de", "noch 1234,5 Stück")]
    [InlineData("fr", "en", "1234.5 pieces left")]
    [InlineData("de;q=0", "en", "1234.5 pieces left")]
    [InlineData("en-US", "en", "1234.5 pieces left")]
    public async Task A_page_speaks_the_browsers_first_language_that_there_is(string accepted, string language, string text)
    {
        var html = await (await app.Browse("/gallery", accepted)).Content.ReadAsStringAsync();
        html.ShouldContain($"<html lang=\"{language}\">");
        WebUtility.HtmlDecode(html).ShouldContain(text);
    }

    [Fact]
    public async Task Prices_and_links_follow_the_language()
    {
        var html = WebUtility.HtmlDecode(await (await app.Browse("/gallery", "de")).Content.ReadAsStringAsync());
        html.ShouldContain("179,99 €");
        html.ShouldContain("12. März 2026, 14:05");
        html.ShouldContain(">Muster</a>");
        html.ShouldContain(">Second</a>");
    }

    [Fact]
    public async Task The_switch_is_remembered_and_leads_back()
    {
        using var browser = app.NewBrowser();
        await browser.Open("/gallery?cursor=x");
        await browser.Submit("/language", ("culture", "de"));
        browser.Path.ShouldBe("/gallery?cursor=x");
        browser.Html.ShouldContain("<html lang=\"de\">");
        await browser.Open("/gallery/forms");
        browser.Html.ShouldContain("<html lang=\"de\">");
        await browser.Submit("/language", ("culture", "en"));
        browser.Html.ShouldContain("<html lang=\"en\">");
    }

    [Theory]
    [InlineData("\u05d0\u202e\u0301")]
    [InlineData("\ud83d\ude00;q=1")]
    [InlineData("-,;=,--,;q=,de;q=2,*")]
    [InlineData("\ufffe")]
    public async Task A_browser_that_speaks_oddly_gets_the_page_in_English(string odd)
    {
        foreach (var name in (string[])["Accept-Language", "Cookie"])
        {
            using var client = new HttpClient(new SocketsHttpHandler
            {
                UseCookies = false,
                RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            });
            client.BaseAddress = app.Address;
            client.DefaultRequestHeaders.TryAddWithoutValidation(name, name == "Cookie" ? $"lang={odd}" : odd);
            (await client.GetStringAsync("/gallery")).ShouldContain("<html lang=\"en\">");
        }
    }

    [Fact]
    public async Task A_browser_that_speaks_very_many_languages_is_listened_to()
    {
        var many = string.Concat(Enumerable.Range(0, 2000).Select(i => $"x{i};q=0.5,"));
        (await (await app.Browse("/gallery", many + "de")).Content.ReadAsStringAsync()).ShouldContain("<html lang=\"de\">");
    }

    [Theory]
    [InlineData("\ufffe")]
    [InlineData("\u0301de")]
    [InlineData("\u202ede")]
    public async Task What_is_no_language_is_refused(string culture)
    {
        using var answer = await Switch(culture, "/gallery");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData("https://example.org/")]
    [InlineData("//example.org/")]
    [InlineData("/\\example.org/")]
    [InlineData("/\t/example.org/")]
    [InlineData("/a\\b")]
    [InlineData("javascript:alert(1)")]
    [InlineData("gallery")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Nobody_is_sent_to_another_site(string? returnUrl)
    {
        using var answer = await Switch("de", returnUrl);
        answer.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        answer.Headers.Location!.ToString().ShouldBe("/");
    }

    [Theory]
    [InlineData("fr")]
    [InlineData(null)]
    public async Task A_language_that_there_is_not_is_refused(string? culture)
    {
        using var answer = await Switch(culture, "/gallery");
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        answer.Headers.Contains("Set-Cookie").ShouldBeFalse();
    }

    [Fact]
    public async Task The_API_has_no_language()
    {
        using var english = await app.Browse("/api/sample/culture", "en");
        using var german = await app.Browse("/api/sample/culture", "de");
        (await german.Content.ReadAsStringAsync()).ShouldBe(await english.Content.ReadAsStringAsync());
    }

    private async Task<HttpResponseMessage> Switch(string? culture, string? returnUrl)
    {
        using var client = app.NewClient();
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string?> { ["culture"] = culture, ["returnUrl"] = returnUrl }.Where(pair => pair.Value is not null)!);
        return await client.PostAsync("/language", form);
    }
}

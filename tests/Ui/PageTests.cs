using System.Net;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Kontor.Ui.Tests;

public partial class PageTests(UiApp app) : IClassFixture<UiApp>
{
    [Fact]
    public async Task A_page_says_what_the_browser_may_do()
    {
        using var answer = await app.Browse("/gallery");
        Header(answer, "Content-Security-Policy").ShouldBe(
            "default-src 'self'; img-src 'self' data: https:; frame-ancestors 'none'; form-action 'self'; base-uri 'none'; "
            + "object-src 'none'");
        Header(answer, "Referrer-Policy").ShouldBe("same-origin");
        Header(answer, "X-Content-Type-Options").ShouldBe("nosniff");
        using var withoutForms = await app.Browse("/no-such-page");
        Header(withoutForms, "Cache-Control").ShouldBe("no-cache");
    }

    [Fact]
    public async Task A_page_of_somebody_is_stored_nowhere()
    {
        using var answer = await app.Browse("/gallery", user: "ada");
        Header(answer, "Cache-Control").ShouldBe("no-store");
    }

    [Fact]
    public async Task The_page_to_try_the_API_is_served()
    {
        using var answer = await app.Browse("/docs/index.html");
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        Header(answer, "X-Content-Type-Options").ShouldBe("nosniff");
    }

    [Fact]
    public async Task The_header_knows_who_looks()
    {
        var stranger = await Html("/gallery");
        stranger.ShouldContain("href=\"/login?returnUrl=%2Fgallery\"");
        stranger.ShouldNotContain("action=\"/logout\"");
        stranger.ShouldNotContain("href=\"/admin\"");

        var customer = await Html("/gallery", "ada");
        customer.ShouldContain("action=\"/logout\"");
        customer.ShouldContain("href=\"/account\"");
        customer.ShouldContain("ada &lt;b&gt;");
        customer.ShouldNotContain("href=\"/login");
        customer.ShouldNotContain("href=\"/admin\"");

        (await Html("/gallery", "admin")).ShouldContain("href=\"/admin\"");
    }

    [Fact]
    public async Task Links_stand_in_their_order_and_the_admins_in_the_side_bar()
    {
        var page = await Html("/gallery", "admin");
        page.IndexOf(">Sample</a>", StringComparison.Ordinal).ShouldBeLessThan(page.IndexOf(">Second</a>", StringComparison.Ordinal));
        page.ShouldNotContain("/gallery/orders");

        var admin = await Html("/gallery/admin", "admin");
        admin.ShouldContain("<a href=\"/gallery/admin\" aria-current=\"page\">");
        admin.ShouldContain("<a href=\"/gallery/orders\">");
    }

    [Fact]
    public async Task The_list_goes_on_with_the_same_filter()
    {
        var html = await Html("/gallery?q=a%26b&cursor=old");
        html.ShouldContain("href=\"/gallery?q=a%26b&amp;cursor=abc\"");
        html.ShouldContain("href=\"/gallery?q=a%26b\"");
    }

    [Theory]
    [InlineData("/gallery")]
    [InlineData("/gallery/forms")]
    [InlineData("/gallery/admin")]
    [InlineData("/no-such-page")]
    public async Task The_document_is_whole_and_its_ids_are_unique(string path)
    {
        var html = await Html(path, "admin");
        html.ShouldStartWith("<!DOCTYPE html>");
        html.TrimEnd().ShouldEndWith("</html>");
        Regex.Count(html, "<h1[ >]").ShouldBe(1);
        html.ShouldContain("href=\"#main\"");
        html.ShouldContain("id=\"main\"");
        html.ShouldNotContain(" style=");
        html.ShouldNotContain("<!--Blazor");
        var ids = IdPattern().Matches(html).Select(match => match.Groups[1].Value).ToList();
        ids.ShouldBeUnique();
        foreach (var image in Regex.Matches(html, "<img[^>]*>").Select(match => match.Value)) image.ShouldContain(" alt");
    }

    private async Task<string> Html(string path, string? user = null) =>
        await (await app.Browse(path, user: user)).Content.ReadAsStringAsync();

    private static string Header(HttpResponseMessage answer, string name) => string.Join(", ", answer.Headers.GetValues(name));

    [GeneratedRegex(" id=\"([^\"]*)\"")]
    private static partial Regex IdPattern();
}

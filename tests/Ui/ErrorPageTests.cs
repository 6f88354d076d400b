using System.Net;
using Shouldly;
using Xunit;

namespace Kontor.Ui.Tests;

public class ErrorPageTests(UiApp app) : IClassFixture<UiApp>
{
    [Theory]
    [InlineData("/no-such-page", 404, "There is nothing here")]
    [InlineData("/gallery/none", 404, "There is nothing here")]
    [InlineData("/gallery/fails", 500, "Something went wrong here")]
    [InlineData("/gallery/fails-while-rendering", 500, "Something went wrong here")]
    [InlineData("/gallery/refused", 409, "That did not work")]
    [InlineData("/gallery/bare", 405, "That is not possible here")]
    [InlineData("/gallery?q=%00", 400, "That did not work")]
    public async Task A_browser_gets_a_page(string path, int status, string heading)
    {
        using var answer = await app.Browse(path);
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("text/html");
        answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        var html = await answer.Content.ReadAsStringAsync();
        html.ShouldContain($"<h1>{heading}</h1>");
        html.ShouldContain("<header class=\"site-header\">");
        html.ShouldNotContain("A secret.");
        html.ShouldNotContain("Exception");
    }

    [Theory]
    [InlineData("/api/none", 404)]
    [InlineData("/auth/none", 404)]
    [InlineData("/users/none", 404)]
    [InlineData("/sync/none", 404)]
    [InlineData("/health/none", 404)]
    [InlineData("/.well-known/none", 404)]
    [InlineData("/api/sample/fails", 500)]
    public async Task The_API_answers_problems_even_to_a_browser(string path, int status)
    {
        using var answer = await app.Browse(path);
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
    }

    [Theory]
    [InlineData("/no-such-page", 404)]
    [InlineData("/gallery/fails", 500)]
    [InlineData("/gallery/refused", 409)]
    public async Task A_program_gets_a_problem_from_a_page_too(string path, int status)
    {
        using var client = app.NewClient();
        using var answer = await client.GetAsync(path);
        ((int)answer.StatusCode).ShouldBe(status);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        (await answer.Content.ReadAsStringAsync()).ShouldNotContain("A secret.");
    }

    [Fact]
    public async Task An_error_page_speaks_the_visitors_language()
    {
        var html = await (await app.Browse("/gallery/fails", "de")).Content.ReadAsStringAsync();
        html.ShouldContain("<html lang=\"de\">");
        html.ShouldContain("Hier ist etwas schiefgegangen");
    }

    [Fact]
    public async Task Our_own_fault_has_a_number_to_name()
    {
        var html = await (await app.Browse("/gallery/fails")).Content.ReadAsStringAsync();
        html.ShouldMatch("<code>[0-9A-Za-z:]{16,}</code>");
    }

    [Fact]
    public async Task A_stranger_is_sent_to_sign_in_and_a_customer_is_refused()
    {
        using var stranger = await app.Browse("/gallery/admin");
        stranger.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        stranger.Headers.Location!.ToString().ShouldBe("/login?returnUrl=%2Fgallery%2Fadmin");

        using var customer = await app.Browse("/gallery/admin", user: "ada");
        customer.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await customer.Content.ReadAsStringAsync()).ShouldContain("<h1>You may not do this</h1>");
    }
}

using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class FormTests(KontorApp app) : IClassFixture<KontorApp>
{
    [Fact]
    public async Task Nobody_is_sent_back_to_where_a_form_was_sent()
    {
        using var browser = new Browser(app);
        (await browser.Post("/account/name", new { name = "Rowan" }, token: null)).Headers.Location!.ToString().ShouldBe("/login");
    }

    [Fact]
    public async Task A_form_with_a_NUL_is_refused()
    {
        using var browser = new Browser(app);
        var token = await browser.TokenOf("/login");
        // The framework refuses it in a form of the usual kind.
        using var form = new MultipartFormDataContent
        {
            { new StringContent(token), "__RequestVerificationToken" },
            { new StringContent("ada\0@kontor.example"), "email" },
        };

        (await browser.Post("/login", form)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }
}

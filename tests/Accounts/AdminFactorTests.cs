using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class AdminFactorTests(AdminFactorTests.StrictApp app) : IClassFixture<AdminFactorTests.StrictApp>
{
    /// <summary>Administrators need a second factor.</summary>
    public sealed class StrictApp : FactorsApp
    {
        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration.AddInMemoryCollection([new("Accounts:AdminsNeedSecondFactor", "true")]);
        }
    }

    [Fact]
    public async Task An_administrator_with_one_factor_is_none_until_a_second_is_added()
    {
        using var admin = await app.Admin();
        using var key = app.NewAuthenticator();
        using var browser = app.NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", admin.Email), ("password", admin.Password));

        var refused = await admin.Client.GetAsync("/api/admin/users");
        var products = await admin.Client.GetFromJsonAsync<JsonElement>("/api/products?limit=1");
        await browser.Open("/admin");

        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Code()).ShouldBe("second-factor-needed");
        products.GetProperty("products")[0].TryGetProperty("stock", out _).ShouldBeFalse();
        browser.Path.ShouldBe("/account/security");
        browser.Html.ShouldContain("Add a passkey or an authenticator app here.");
        browser.Html.ShouldNotContain("<a href=\"/admin\"");

        await app.AddPasskey(admin, key);
        using var client = app.NewClient();
        var answer = await client.PostAsJsonAsync("/auth/refresh", new { refreshToken = admin.Tokens.RefreshToken });
        admin.Use((await answer.Content.ReadFromJsonAsync<TokenPair>())!);
        (await admin.Client.GetAsync("/api/admin/users")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await browser.Open("/account/security");
        browser.Html.ShouldContain("Sign in again with yours.");

        // And the way back, for an administrator who has lost it.
        await Run("admin factors remove", admin.Email, "signs in with the password alone again");
        await Run("admin factors remove", admin.Email, "has no second factor");
        (await app.Answer(key)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await app.FactorEventsOf(admin)).ShouldBe(["passkey added", "passkey removed"]);
    }

    [Fact]
    public async Task Who_is_no_administrator_is_told_so()
    {
        using var robin = await app.NewPerson();

        (await (await robin.Client.GetAsync("/api/admin/users")).Code()).ShouldBe("forbidden");
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task Run(string command, string email, string expected)
    {
        var output = new StringWriter();
        var exit = await app.Services.GetServices<ICommand>().Single(one => one.Name == command).Run([email], output, default);
        exit.ShouldBe(0);
        output.ToString().ShouldContain(expected);
    }
}

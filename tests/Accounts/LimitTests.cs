using System.Net;
using System.Net.Http.Json;
using Kontor.Foundation.Http;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class LimitTests(LimitTests.LimitedApp app) : IClassFixture<LimitTests.LimitedApp>
{
    private const int AtOnce = 6;

    public sealed class LimitedApp : KontorApp
    {
        protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.PostConfigure<LimitOptions>(limits => limits.AuthPerFiveMinutes = AtOnce);
    }

    [Fact]
    public async Task Guessing_passwords_on_the_page_counts_as_guessing_them_on_the_api()
    {
        using var browser = new Browser(app);
        using var client = app.NewClient();
        var guess = new { email = "ada@kontor.example", password = "a wrong guess" };
        for (var i = 0; i < AtOnce / 2; i++)
        {
            guess = new { email = $"ada-{i}@kontor.example", password = "a wrong guess" };
            (await client.PostAsJsonAsync("/auth/login", guess)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
            (await browser.Submit("/login", "/login", guess)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await browser.Submit("/login", "/login", guess)).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        var refused = await client.PostAsJsonAsync("/auth/login", new { email = "ada@kontor.example", password = "kontor-demo-ada" });
        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await refused.Code()).ShouldBe("too-many-requests");
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        // Looking at pages is not guessing.
        (await browser.Get("/login")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}

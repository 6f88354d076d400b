using System.Net;
using Kontor.Foundation.Http;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class TokenLimitTests(TokenLimitTests.LimitedApp app) : IClassFixture<TokenLimitTests.LimitedApp>
{
    private const int AMinute = 6;

    public sealed class LimitedApp : KontorApp
    {
        protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.PostConfigure<LimitOptions>(limits => limits.RequestsPerMinute = AMinute);
    }

    [Fact]
    public async Task Trying_tokens_counts_as_any_other_request()
    {
        using var robin = await app.NewPerson();
        using var forger = app.As(robin.Tokens with { AccessToken = robin.Tokens.AccessToken[..^8] + "AAAAAAAA" });
        for (var i = 0; i < AMinute; i++) (await (await forger.Client.GetAsync("/users/me")).Code()).ShouldBe("invalid-token");

        var refused = await forger.Client.GetAsync("/users/me");

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter.ShouldNotBeNull();
        (await robin.Client.GetAsync("/users/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}

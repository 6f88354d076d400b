using System.Net;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public class RateLimitTests(RateLimitTests.LimitedApp app) : IClassFixture<RateLimitTests.LimitedApp>
{
    public sealed class LimitedApp : ThingsApp
    {
        protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

        protected override void Configure(WebApplicationBuilder builder) => builder.Services.Configure<LimitOptions>(limits =>
        {
            limits.AuthPerFiveMinutes = 3;
            limits.RequestsPerMinute = 5;
        });
    }

    [Theory]
    [InlineData("/auth/anything", 3)]
    [InlineData("/api/things/text?q=a", 5)]
    public async Task Beyond_the_limit_a_caller_is_told_when_to_come_back(string path, int allowed)
    {
        using var client = app.NewClient();
        for (var i = 0; i < allowed; i++) (await client.GetAsync(path)).StatusCode.ShouldNotBe(HttpStatusCode.TooManyRequests);

        var refused = await client.GetAsync(path);

        refused.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        refused.Headers.RetryAfter!.Delta!.Value.ShouldBeGreaterThan(TimeSpan.Zero);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("\"code\":\"too-many-requests\"");
        (await client.GetAsync("/health/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }
}

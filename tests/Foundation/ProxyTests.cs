using System.Net;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

/// <summary>Who says where a request comes from.</summary>
public class ProxyTests(ProxyTests.BehindProxies behind, ProxyTests.AmongStrangers among)
    : IClassFixture<ProxyTests.BehindProxies>, IClassFixture<ProxyTests.AmongStrangers>
{
    private const int Allowed = 3;

    public class LimitedApp : ThingsApp
    {
        protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

        protected override void Configure(WebApplicationBuilder builder) =>
            builder.Services.Configure<LimitOptions>(limits => limits.AuthPerFiveMinutes = Allowed);
    }

    /// <summary>It knows the peer that the tests are, and one more behind it.</summary>
    public sealed class BehindProxies : LimitedApp
    {
        protected override Settings Configure(Settings settings) =>
            base.Configure(settings) with { Proxies = Known("127.0.0.1, 10.1.0.0/16, fd00::/8") };
    }

    /// <summary>It knows a proxy, and the tests are another peer.</summary>
    public sealed class AmongStrangers : LimitedApp
    {
        protected override Settings Configure(Settings settings) => base.Configure(settings) with { Proxies = Known("10.0.0.5") };
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7", true)]
    [InlineData("203.0.113.8", "203.0.113.9", false)]
    [InlineData("203.0.113.10:4711", "203.0.113.10", true)]
    [InlineData("2001:db8:1:2::3", "2001:db8:1:2:ffff::4", true)]
    [InlineData("[2001:db8:1:5::3]:4711", "2001:db8:1:5::4", true)]
    [InlineData("2001:db8:1:3::3", "2001:db8:1:4::3", false)]
    // What the client itself wrote stands left of the address from which the proxy was asked.
    [InlineData("198.51.100.1, 203.0.113.20", "198.51.100.2, 203.0.113.20", true)]
    // A proxy before the proxy.
    [InlineData("203.0.113.30, 10.1.2.3", "203.0.113.30, fd00::1", true)]
    [InlineData("203.0.113.31, 10.2.0.1", "203.0.113.32, 10.2.0.1", true)]
    public async Task Behind_a_known_proxy_each_client_counts_by_its_own_address(string one, string other, bool isTheSame)
    {
        for (var i = 0; i < Allowed; i++) (await Ask(behind, one)).ShouldBe(HttpStatusCode.NotFound);

        (await Ask(behind, one)).ShouldBe(HttpStatusCode.TooManyRequests);
        (await Ask(behind, other)).ShouldBe(isTheSame ? HttpStatusCode.TooManyRequests : HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Behind_a_known_proxy_what_is_no_address_is_the_proxy_itself()
    {
        foreach (var text in (string[])["nonsense", "unknown, nonsense", "127.0.0.1"]) await Ask(behind, text);

        (await Ask(behind, null)).ShouldBe(HttpStatusCode.TooManyRequests);
    }

    [Fact]
    public async Task A_header_from_anybody_else_changes_nothing()
    {
        for (var i = 0; i < Allowed; i++) (await Ask(among, $"203.0.113.{i}")).ShouldBe(HttpStatusCode.NotFound);

        (await Ask(among, "203.0.113.77, 10.0.0.5")).ShouldBe(HttpStatusCode.TooManyRequests);
        (await CookieOf(among)).ShouldNotContain("secure");
    }

    [Fact]
    public async Task A_cookie_is_for_https_where_the_proxy_was_asked_by_https() => (await CookieOf(behind)).ShouldContain("secure");

    [Fact]
    public void An_address_alone_is_a_network_of_one() =>
        Known(" 10.0.0.5 , ::1").Select(network => network.ToString()).ShouldBe(["10.0.0.5/32", "::1/128"]);

    private static IReadOnlyList<System.Net.IPNetwork> Known(string proxies) =>
        Settings.Read([], name => name == "KONTOR_PROXIES" ? proxies : null).Proxies;

    private static async Task<HttpStatusCode> Ask(ThingsApp app, string? forwardedFor)
    {
        using var client = app.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/auth/anything");
        if (forwardedFor is not null) request.Headers.Add("X-Forwarded-For", forwardedFor);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<string> CookieOf(ThingsApp app)
    {
        using var client = app.NewClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/language");
        request.Content = new FormUrlEncodedContent([new("culture", "de")]);
        request.Headers.Add("X-Forwarded-For", "203.0.113.90");
        request.Headers.Add("X-Forwarded-Proto", "https");
        using var answer = await client.SendAsync(request);
        return answer.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().ToLowerInvariant();
    }
}

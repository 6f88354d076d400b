using System.Net;
using Kontor.Home.Sources.Pulled;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Shouldly;
using Xunit;
using static Kontor.Home.Tests.Feeds;

namespace Kontor.Home.Tests.Pulled;

/// <summary>What an admin enters as a source's address is no way into the network behind this server.</summary>
public class PullReachTests(PullReachTests.NamedApp app) : IClassFixture<PullReachTests.NamedApp>
{
    /// <summary>Names lead where a test says, and pulling from this machine is on.</summary>
    public sealed class NamedApp : PullingApp
    {
        public Dictionary<string, string[]> Names { get; } = [];

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Services.AddSingleton<ResolveHost>(
                (host, _) => Task.FromResult(Names[host].Select(IPAddress.Parse).ToArray()));
        }
    }

    /// <summary>As it is unless somebody asks for another.</summary>
    public sealed class StrictApp : HomeApp;

    [Theory]
    [InlineData("http://example.org/")]
    [InlineData("ftp://example.org/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("/relative")]
    [InlineData("https://user:password@example.org/")]
    [InlineData("https://example.org/#part")]
    [InlineData("https://10.0.0.1/")]
    [InlineData("https://192.168.1.1:8443/")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://100.64.0.1/")]
    [InlineData("https://0.0.0.0/")]
    [InlineData("https://0x0a000001/")]
    [InlineData("https://167772161/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://[fe80::1]/")]
    [InlineData("https://[fd00::1]/")]
    [InlineData("https://[64:ff9b::a00:1]/")]
    [InlineData("https://[2002:a00:1::]/")]
    [InlineData("https://[::]/")]
    public async Task An_address_that_is_not_public_is_refused(string url)
    {
        await using var source = await OutsideSource.New(app);
        var answer = await source.Declare(new { url });
        ((int)answer.StatusCode, await answer.Code()).ShouldBe((422, "pull-url-refused"));
    }

    [Fact]
    public async Task This_machine_is_refused_unless_it_is_allowed()
    {
        var strict = new StrictApp();
        await ((IAsyncLifetime)strict).InitializeAsync();
        await using var end = strict;
        await using var source = await OutsideSource.New(strict);
        string[] here = [source.Address.ToString(), "http://localhost:1/", "https://localhost/", "https://[::1]/", "https://127.9.9.9/"];
        foreach (var url in here)
            (await (await source.Declare(new { url })).Code()).ShouldBe("pull-url-refused", url);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("::1")]
    [InlineData("fe80::1")]
    [InlineData("93.184.216.34", "192.168.0.7")]
    public async Task A_name_that_leads_inside_is_not_followed(params string[] addresses)
    {
        await using var source = await OutsideSource.New(app);
        app.Names["source.example"] = addresses;

        (await source.Declare(new { url = $"https://source.example:{source.Address.Port}/" })).StatusCode.ShouldBe(HttpStatusCode.OK);

        await Eventually(async () => (await source.Health()).GetProperty("lastFailure").GetString()?.Contains("not public") == true);
        source.Calls.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        await using var source = await OutsideSource.New(app);
        await using var secret = await OutsideSource.New(app);
        source.Answer = http =>
        {
            http.Response.Redirect(secret.Address.ToString());
            return Task.CompletedTask;
        };

        await source.Pull();

        await Eventually(async () => (await source.Health()).GetProperty("lastFailure").GetString()?.Contains("redirect") == true);
        secret.Calls.ShouldBeEmpty();
        (await app.Anonymous.Says(source.Widget)).ShouldBe("Fallback.");
    }
}

using System.Net;
using System.Text.Json;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Shouldly;
using Xunit;

namespace Kontor.Accounts.Tests;

public class PasskeySiteTests(PasskeySiteTests.ShopApp app) : IClassFixture<PasskeySiteTests.ShopApp>
{
    private const string App = "android:apk-key-hash:abc";

    /// <summary>People reach it by a name of its own, and an app may use its passkeys.</summary>
    public sealed class ShopApp : FactorsApp
    {
        protected override Settings Configure(Settings settings) => settings with { Url = new Uri("https://shop.example") };

        protected override void Configure(WebApplicationBuilder builder)
        {
            base.Configure(builder);
            builder.Configuration.AddInMemoryCollection([new("Accounts:PasskeyOrigins:0", App)]);
        }
    }

    [Theory]
    [InlineData("shop.example", "https://shop.example", true)]
    [InlineData("shop.example", App, true)]
    [InlineData("shop.example", "https://www.shop.example", false)]
    [InlineData("shop.example", "https://shop.example:8443", false)]
    [InlineData("shop.example", "http://shop.example", false)]
    [InlineData("shop.example", "http://localhost", false)]
    [InlineData("localhost", "https://shop.example", false)]
    public async Task Passkeys_belong_to_the_name_that_is_configured(string rpId, string origin, bool isTaken)
    {
        using var robin = await app.NewPerson();
        using var key = new Authenticator("shop.example", "https://shop.example");
        await app.AddPasskey(robin, key);
        (key.RpId, key.Origin) = (rpId, origin);

        (await app.Answer(key)).StatusCode.ShouldBe(isTaken ? HttpStatusCode.OK : HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Offers_name_it()
    {
        using var robin = await app.NewPerson();

        (await app.OfferToAdd(robin)).GetProperty("publicKey").GetProperty("rp").GetProperty("id").GetString().ShouldBe("shop.example");
        (await app.OfferToSignIn()).GetProperty("publicKey").GetProperty("rpId").GetString().ShouldBe("shop.example");
    }
}

using System.Net;
using Kontor.Foundation.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>A shop whose limits are on, and few enough to be met.</summary>
public sealed class CappedShop : ShopApp
{
    protected override Settings Configure(Settings settings) => settings with { LimitsOff = false };

    protected override void Configure(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
    {
        builder.Services.Configure<LimitOptions>(limits => limits.RequestsPerMinute = limits.AuthPerFiveMinutes = 100_000);
        builder.Services.Configure<ShopOptions>(options => (options.HeldPiecesPerCart, options.HeldPiecesPerNetwork) = (10, 25));
    }
}

public class HoldCapTests(CappedShop app) : IClassFixture<CappedShop>
{
    [Fact]
    public async Task One_cart_and_one_network_keep_so_many_pieces_from_others_and_no_more()
    {
        var (one, two) = (await app.GivenProduct(stock: 100), await app.GivenProduct(stock: 100));
        var (person, _) = await app.SignedIn();
        await person.Add(one, 6);

        (await person.Add(two, 5)).ShouldBe(HttpStatusCode.Conflict, "too-many-held").Body.Text("limit").ShouldBe("10");
        (await app.Level(two)).ShouldBe((100, 0));
        (await person.Add(two, 4)).ShouldBe(HttpStatusCode.OK);
        (await person.Change(two, 3)).ShouldBe(HttpStatusCode.OK);

        await app.Guest().Add(one, 10);
        var late = app.Guest();
        (await late.Add(one, 7)).ShouldBe(HttpStatusCode.Conflict, "too-many-held").Body.Text("limit").ShouldBe("25");
        (await late.Add(one, 6)).ShouldBe(HttpStatusCode.OK);

        // What is ordered or has run out is kept from nobody.
        (await person.Order()).ShouldBe(HttpStatusCode.Created);
        (await app.Guest().Add(one, 9)).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromMinutes(31));
        (await app.Guest().Add(one, 10)).ShouldBe(HttpStatusCode.OK);
        await app.ShouldAddUp();
    }

    [Fact]
    public void A_normal_family_never_meets_the_defaults()
    {
        var defaults = new ShopOptions();
        defaults.HeldPiecesPerCart.ShouldBeGreaterThanOrEqualTo(300);
        defaults.HeldPiecesPerNetwork.ShouldBeGreaterThanOrEqualTo(5 * defaults.HeldPiecesPerCart);
        app.Services.GetRequiredService<IOptions<ShopOptions>>().Value.HeldPiecesPerCart.ShouldBe(10);
    }
}

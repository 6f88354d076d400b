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
        ForgetWhatIsHeld();
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
    public async Task Orders_that_wait_for_their_money_count_as_well()
    {
        ForgetWhatIsHeld();
        var product = await app.GivenProduct(stock: 100);
        var buyers = new[] { app.Guest(), app.Guest() };
        foreach (var buyer in buyers)
        {
            (await buyer.Add(product, 10)).ShouldBe(HttpStatusCode.OK);
            var order = (await buyer.Order(method: "card")).ShouldBe(HttpStatusCode.Created);
            // Whose hold is made longer, and stays the one of this network.
            (await buyer.Pay(order.Id())).ShouldBe(HttpStatusCode.OK);
        }

        (await app.Guest().Add(product, 6)).ShouldBe(HttpStatusCode.Conflict, "too-many-held").Body.Text("limit").ShouldBe("25");
        (await app.Level(product)).ShouldBe((100, 20));

        // A cart whose hold has run out does not get round it by ordering, either.
        var late = app.Guest();
        (await late.Add(product, 5)).ShouldBe(HttpStatusCode.OK);
        app.Clock.Advance(TimeSpan.FromMinutes(50));
        (await app.Guest().Add(product, 10)).ShouldBe(HttpStatusCode.OK);
        (await app.Guest().Add(product, 10)).ShouldBe(HttpStatusCode.OK);
        (await app.Guest().Add(product, 5)).ShouldBe(HttpStatusCode.OK);
        (await late.Order(method: "card")).ShouldBe(HttpStatusCode.Conflict, "too-many-held");
        (await late.Order()).ShouldBe(HttpStatusCode.Created);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Carts_that_are_brought_along_do_not_add_up_to_more_than_one_cart_may_hold()
    {
        ForgetWhatIsHeld();
        var (one, two) = (await app.GivenProduct(stock: 100), await app.GivenProduct(stock: 100));
        var (person, guest) = ((await app.SignedIn()).Buyer, app.Guest());
        await person.Add(one, 10);
        await guest.Add(two, 10);

        person.Token = guest.Token;
        var cart = (await person.Cart()).ShouldBe(HttpStatusCode.OK);

        cart.Line(one).Text("state").ShouldBe("held");
        cart.Line(two).Text("state").ShouldBe("expired");
        (await app.Level(two)).ShouldBe((100, 0));
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

    /// <summary>By the other tests, which all come from one network.</summary>
    private void ForgetWhatIsHeld() => app.Clock.Advance(TimeSpan.FromHours(3));
}

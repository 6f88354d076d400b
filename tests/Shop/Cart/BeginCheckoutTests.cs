using System.Net;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>How long pieces are kept: what makes it longer, and what does not.</summary>
public class BeginCheckoutTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task The_beginning_of_the_checkout_keeps_the_pieces_a_quarter_of_an_hour_longer_once()
    {
        var product = await app.GivenProduct(stock: 5);
        var guest = app.Guest();
        await guest.Add(product);
        app.Clock.Advance(TimeSpan.FromMinutes(29));

        var begun = (await Begin(guest)).ShouldBe(HttpStatusCode.OK);
        var again = (await Begin(guest)).ShouldBe(HttpStatusCode.OK);

        Left(begun, product).ShouldBeInRange(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(16));
        again.Line(product).Text("heldUntil").ShouldBe(begun.Line(product).Text("heldUntil"));
        (await guest.Cart()).Line(product).Text("heldUntil").ShouldBe(begun.Line(product).Text("heldUntil"));
        app.Clock.Advance(TimeSpan.FromMinutes(17));
        (await Begin(guest)).Line(product).Text("state").ShouldBe("expired");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task The_page_of_the_checkout_is_its_beginning_and_showing_it_again_is_not()
    {
        var product = await app.GivenProduct(stock: 5);
        var browser = app.NewBrowser();
        await browser.Open($"/products/{product}");
        await browser.Submit("/cart/items", ("productId", product));
        var guest = new Buyer(app.NewClient()) { Token = browser.Cookies.GetAllCookies()["kontor_cart"]!.Value };
        var before = Left(await guest.Cart(), product);

        await browser.Open("/checkout");
        await browser.Open("/checkout");

        (Left(await guest.Cart(), product) - before).ShouldBeInRange(TimeSpan.FromMinutes(14), TimeSpan.FromMinutes(15));
    }

    [Fact]
    public async Task More_pieces_begin_the_time_anew_and_asking_again_for_what_is_held_does_not()
    {
        var product = await app.GivenProduct(stock: 5);
        var guest = app.Guest();
        await guest.Add(product, 3);
        app.Clock.Advance(TimeSpan.FromMinutes(20));

        Left(await guest.Change(product, 3), product).ShouldBeLessThan(TimeSpan.FromMinutes(11));
        Left(await guest.Change(product, 2), product).ShouldBeLessThan(TimeSpan.FromMinutes(11));
        Left(await guest.Change(product, 3), product).ShouldBeGreaterThan(TimeSpan.FromMinutes(29));
        await Begin(guest);
        Left(await guest.Add(product), product).ShouldBeInRange(TimeSpan.FromMinutes(44), TimeSpan.FromMinutes(45));
    }

    [Fact]
    public async Task Somebody_who_has_nothing_in_the_cart_begins_nothing()
    {
        var guest = app.Guest();

        var cart = (await Begin(guest)).ShouldBe(HttpStatusCode.OK);

        cart.Body["items"]!.AsArray().ShouldBeEmpty();
        cart.Body["cartToken"]!.GetValue<string>().ShouldBe(guest.Token);
    }

    private static Task<Reply> Begin(Buyer buyer) => buyer.Send(HttpMethod.Post, "/api/cart/checkout");

    private TimeSpan Left(Reply cart, string product) =>
        cart.Line(product)["heldUntil"]!.GetValue<DateTimeOffset>() - app.Clock.GetUtcNow();
}

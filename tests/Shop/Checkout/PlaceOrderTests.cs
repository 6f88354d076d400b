using System.Net;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class PlaceOrderTests(ShopApp app) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task A_cart_becomes_an_order_and_its_pieces_leave_the_shelf()
    {
        var tent = await app.GivenProduct(stock: 5, priceMinor: 17999, name: "Tent");
        var rope = await app.GivenProduct(stock: 9, priceMinor: 250, name: "Rope");
        var guest = app.Guest();
        await guest.Add(tent, 2);
        await guest.Add(rope, 3);

        var order = (await guest.Order()).ShouldBe(HttpStatusCode.Created);

        order.Message.Headers.Location!.ToString().ShouldBe($"/api/orders/{order.Id()}");
        order.Body.Text("number").ShouldMatch(@"^K-\d{4}-\d{6}$");
        order.Body.Text("totalAmount").ShouldBe("367.48");
        order.Body.Text("currency").ShouldBe("EUR");
        order.Body.Text("status").ShouldBe("pending");
        order.Body["payment"]!.Text("method").ShouldBe("invoice");
        order.Body["items"]!.AsArray().Select(item => item!.ToJsonString()).ShouldBe([
            $$"""{"productId":"{{tent}}","name":"Tent","quantity":2,"price":179.99}""",
            $$"""{"productId":"{{rope}}","name":"Rope","quantity":3,"price":2.50}"""]);
        order.Body["timeline"]!.AsArray().Single()!.Text("status").ShouldBe("pending");
        order.Body["shippingAddress"]!.Text("country").ShouldBe("DE");
        (await app.Level(tent)).ShouldBe((3, 0));
        (await app.Level(rope)).ShouldBe((6, 0));
        (await guest.Cart()).Body["items"]!.AsArray().ShouldBeEmpty();
        (await app.Events("shop.order-placed", order.Id())).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task An_empty_cart_is_refused()
    {
        var guest = app.Guest();
        (await guest.Order()).ShouldBe(HttpStatusCode.Conflict, "cart-empty");
        await guest.Add(await app.GivenProduct(stock: 1));
        (await guest.Order()).ShouldBe(HttpStatusCode.Created);
        (await guest.Order()).ShouldBe(HttpStatusCode.Conflict, "cart-empty");
    }

    [Fact]
    public async Task A_repeated_order_is_the_same_order_with_the_same_token()
    {
        var product = await app.GivenProduct(stock: 5);
        var guest = app.Guest();
        await guest.Add(product, 2);

        var first = (await guest.Order(key: "order")).ShouldBe(HttpStatusCode.Created);
        var again = (await guest.Order(key: "order")).ShouldBe(HttpStatusCode.Created);

        again.Replayed.ShouldBeTrue();
        again.Body.ToJsonString().ShouldBe(first.Body.ToJsonString());
        again.Message.Headers.Location.ShouldBe(first.Message.Headers.Location);
        (await app.Level(product)).ShouldBe((3, 0));
        (await app.Events("shop.order-placed", first.Id())).ShouldBe(1);
    }

    [Fact]
    public async Task A_key_that_was_used_for_another_order_is_refused_and_a_refusal_uses_up_no_key()
    {
        var product = await app.GivenProduct(stock: 5);
        var guest = app.Guest();
        await guest.Cart();
        (await guest.Order(key: "one")).ShouldBe(HttpStatusCode.Conflict, "cart-empty");
        await guest.Add(product);
        (await guest.Order(key: "one")).ShouldBe(HttpStatusCode.Created);
        await guest.Add(product);

        (await guest.Order(key: "one", city: "Hamburg")).ShouldBe(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");

        (await app.Level(product)).ShouldBe((4, 1));
    }

    [Fact]
    public async Task A_price_that_rose_asks_for_consent()
    {
        var product = await app.GivenProduct(stock: 5, priceMinor: 1000);
        var guest = app.Guest();
        await guest.Add(product, 2);
        await app.SetPrice(product, 1100);

        var refusal = (await guest.Order()).ShouldBe(HttpStatusCode.Conflict, "price-changed");
        refusal.Body["items"]!.ToJsonString().ShouldBe($$"""[{"productId":"{{product}}","price":10.00,"currentPrice":11.00}]""");
        (await app.Level(product)).ShouldBe((5, 2));

        (await guest.Order(acceptPrices: true)).ShouldBe(HttpStatusCode.Created).Body.Text("totalAmount").ShouldBe("22.00");
    }

    [Fact]
    public async Task A_price_that_fell_is_passed_on()
    {
        var product = await app.GivenProduct(stock: 5, priceMinor: 1000);
        var guest = app.Guest();
        await guest.Add(product, 2);
        await app.SetPrice(product, 900);

        (await guest.Order()).ShouldBe(HttpStatusCode.Created).Body.Text("totalAmount").ShouldBe("18.00");
    }

    [Fact]
    public async Task An_order_keeps_the_name_and_price_it_was_made_with()
    {
        var product = await app.GivenProduct(stock: 5, priceMinor: 1000, name: "Before");
        var guest = app.Guest();
        await guest.Add(product);
        var order = await guest.Order();
        await app.SetPrice(product, 2000);

        var later = await guest.Send(HttpMethod.Get, $"/api/orders/{order.Id()}");

        later.Body["items"]!.ToJsonString().ShouldBe(order.Body["items"]!.ToJsonString());
    }

    [Fact]
    public async Task What_expired_is_taken_again_if_it_is_there()
    {
        var product = await app.GivenProduct(stock: 2);
        var guest = app.Guest();
        await guest.Add(product, 2);
        app.Clock.Advance(TimeSpan.FromHours(1));

        (await guest.Order()).ShouldBe(HttpStatusCode.Created);

        (await app.Level(product)).ShouldBe((0, 0));
        (await app.Movements(product)).ShouldBe([Movement.Opened, Movement.Held, Movement.Expired, Movement.Held, Movement.Sold]);
    }

    [Fact]
    public async Task What_expired_and_was_bought_by_another_is_refused_and_the_cart_stays()
    {
        var (gone, kept) = (await app.GivenProduct(stock: 2), await app.GivenProduct(stock: 2));
        var (late, quick) = (app.Guest(), app.Guest());
        await late.Add(kept, 1);
        await late.Add(gone, 2);
        app.Clock.Advance(TimeSpan.FromHours(1));
        await quick.Add(gone, 1);
        (await quick.Order()).ShouldBe(HttpStatusCode.Created);

        var refusal = (await late.Order()).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock");

        refusal.Body.Text("productId").ShouldBe(gone);
        refusal.Body.Text("available").ShouldBe("1");
        (await late.Cart()).Body["items"]!.AsArray().Count.ShouldBe(2);
        (await app.Level(kept)).OnHand.ShouldBe(2);
        (await late.Change(gone, 1)).ShouldBe(HttpStatusCode.OK);
        (await late.Order()).ShouldBe(HttpStatusCode.Created);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_product_that_is_not_sold_any_more_is_refused()
    {
        var product = await app.GivenProduct(stock: 2);
        var guest = app.Guest();
        await guest.Add(product);
        await app.EndSale(product);

        (await guest.Order()).ShouldBe(HttpStatusCode.Conflict, "insufficient-stock").Body.Text("available").ShouldBe("0");
    }

    [Fact]
    public async Task A_total_that_cannot_be_counted_is_refused()
    {
        var product = await app.GivenProduct(stock: 99, priceMinor: long.MaxValue / 2);
        var guest = app.Guest();

        (await guest.Add(product, 3)).ShouldBe(HttpStatusCode.OK);

        (await guest.Order()).ShouldBe(HttpStatusCode.Conflict, "order-too-large");
        (await app.Level(product)).ShouldBe((99, 3));
    }

    [Theory]
    [InlineData("shippingAddress.name", null)]
    [InlineData("shippingAddress.name", "")]
    [InlineData("shippingAddress.city", " ")]
    [InlineData("shippingAddress.country", "XX")]
    [InlineData("shippingAddress.country", "de")]
    [InlineData("shippingAddress.country", "Germany")]
    [InlineData("shippingAddress.postalCode", "012345678901234567890")]
    [InlineData("shippingAddress", null)]
    [InlineData("payment", null)]
    [InlineData("email", null)]
    [InlineData("email", " ")]
    [InlineData("email", "nobody")]
    public async Task A_bad_field_is_named_and_nothing_is_ordered(string field, string? value)
    {
        var product = await app.GivenProduct(stock: 2);
        var guest = app.Guest();
        await guest.Add(product);
        var request = JsonSerializer.SerializeToNode(
            new { email = "a@b.de", shippingAddress = Buyer.Address, payment = new { method = "invoice" } })!.AsObject();
        var path = field.Split('.');
        var parent = path.Length == 1 ? request : request[path[0]]!.AsObject();
        if (value is null) parent.Remove(path[^1]);
        else parent[path[^1]] = value;

        var refusal = (await guest.Send(HttpMethod.Post, "/api/orders", request)).ShouldBe(HttpStatusCode.BadRequest, "validation-failed");

        refusal.Body["errors"]!.AsObject().Select(error => error.Key).ShouldBe([field]);
        (await app.Level(product)).ShouldBe((2, 1));
    }

    [Theory]
    [InlineData("stripe")]
    [InlineData("Invoice")]
    [InlineData("'; DROP TABLE shop_orders; --")]
    public async Task An_unknown_payment_method_is_refused(string method)
    {
        var guest = app.Guest();
        await guest.Add(await app.GivenProduct(stock: 2));
        var request = new { email = "a@b.de", shippingAddress = Buyer.Address, payment = new { method } };
        (await guest.Send(HttpMethod.Post, "/api/orders", request)).ShouldBe(HttpStatusCode.BadRequest, "payment-method-unknown");
    }
}

using System.Net;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class ReturnTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    [Fact]
    public async Task Pieces_come_back_to_the_shelf_or_are_written_off_and_what_was_paid_for_them_goes_back()
    {
        var order = await Shipped(priceMinor: 1000, pieces: 3, stock: 5);
        var shop = await Shop();

        var made = await Return(shop, order.OrderId, new
        {
            lines = new object[]
            {
                new { productId = order.Product, quantity = 1, restock = true },
                new { productId = order.Product, quantity = 1, restock = false },
            },
            reason = "One is scratched",
        });

        made.ShouldBe(HttpStatusCode.Created).Body["refund"]!["amount"]!.ToString().ShouldBe("20.00");
        (await app.Level(order.Product)).ShouldBe((3, 0), "two were on the shelf, and one came back to it");
        (await app.Movements(order.Product)).TakeLast(3).ShouldBe([Movement.Returned, Movement.WrittenOff, Movement.Returned]);
        await app.Becomes(order.OrderId, PaymentState.Captured);
        await app.ShouldKeep(order, 1000);
        var seen = (await order.Buyer.Send(HttpMethod.Get, $"/api/orders/{order.OrderId}")).Body;
        seen["items"]![0]!.Text("returned").ShouldBe("2");
        seen.Text("status").ShouldBe("shipped");
        var moment = seen["timeline"]!.AsArray()[^1]!;
        (moment.Text("event"), moment.Text("by"), moment.Text("reason")).ShouldBe(("returned", "shop", "One is scratched"));
        await app.ShouldAddUp();

        (await Return(shop, order.OrderId, Pieces(order, 1))).Body["refund"]!["amount"]!.ToString().ShouldBe("10.00");
        await app.Becomes(order.OrderId, OrderStatus.Refunded);
        await app.Becomes(order.OrderId, PaymentState.Captured);
        await app.ShouldKeep(order, 0);
        (await app.Level(order.Product)).ShouldBe((4, 0));
        (await shop.Send(HttpMethod.Get, $"/api/admin/orders/{order.OrderId}/returns")).Body["returns"]!.AsArray().Count.ShouldBe(2);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_coupon_is_shared_by_the_lines_so_that_all_returns_together_pay_back_what_was_paid()
    {
        var shop = await Shop();
        var code = $"ODD-{Guid.NewGuid():N}"[..12].ToUpperInvariant();
        (await shop.Send(HttpMethod.Put, $"/api/admin/coupons/{code}", new { percent = 33 })).Message.IsSuccessStatusCode.ShouldBeTrue();
        var (one, two) = (await app.GivenProduct(stock: 9, priceMinor: 333), await app.GivenProduct(stock: 9, priceMinor: 1001));
        var buyer = app.Guest();
        await buyer.Add(one, 3);
        await buyer.Add(two, 2);
        var placed = (await buyer.Send(HttpMethod.Post, "/api/orders", new
        {
            email = "ada@example.org",
            shippingAddress = Buyer.Address,
            payment = new { method = "invoice" },
            coupon = code,
            shipping = "express",
        })).ShouldBe(HttpStatusCode.Created);
        foreach (var status in (string[])["paid", "shipped", "delivered"])
            (await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{placed.Id()}", new { status })).ShouldBe(HttpStatusCode.OK);

        var amounts = new List<decimal>();
        foreach (var product in (string[])[one, two, one, two, one])
        {
            var made = await Return(shop, placed.Id(), new { lines = new[] { new { productId = product, quantity = 1 } } });
            amounts.Add((decimal)made.ShouldBe(HttpStatusCode.Created).Body["refund"]!["amount"]!);
        }

        amounts.Sum().ShouldBe((decimal)placed.Body["totalAmount"]!, "the last one pays the shipping back too");
        amounts[1].ShouldBeInRange(6.70m, 6.72m);
        (await app.StatusOf(placed.Id())).ShouldBe(OrderStatus.Refunded);
        (await app.RefundsOf(placed.Id())).ShouldAllBe(refund => refund.Stage != RefundStatus.Succeeded, "a person transfers them");
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task The_amount_is_the_admins_to_decide_and_never_more_than_is_left()
    {
        var order = await Shipped(priceMinor: 1000, pieces: 2);
        var shop = await Shop();

        (await Return(shop, order.OrderId, Pieces(order, 1, amount: 20.01m))).ShouldBe(HttpStatusCode.Conflict, "refund-too-large");
        (await app.Level(order.Product)).ShouldBe((3, 0), "a refusal takes nothing back");
        (await Return(shop, order.OrderId, Pieces(order, 1, amount: 0))).ShouldBe(HttpStatusCode.Created).Body["refund"].ShouldBeNull();
        (await Return(shop, order.OrderId, Pieces(order, 1, amount: 5.50m))).Body["refund"]!["amount"]!.ToString().ShouldBe("5.50");

        (await app.Level(order.Product)).ShouldBe((5, 0));
        await app.Becomes(order.OrderId, PaymentState.Captured);
        await app.ShouldKeep(order, 1450);
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Shipped);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task What_was_paid_back_before_comes_back_without_money()
    {
        var order = await Shipped(priceMinor: 1000, pieces: 1);
        var shop = await Shop();
        await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{order.OrderId}", new { status = "refunded" });

        (await Return(shop, order.OrderId, Pieces(order, 1))).ShouldBe(HttpStatusCode.Created).Body["refund"].ShouldBeNull();

        (await app.Level(order.Product)).ShouldBe((5, 0));
        await app.ShouldAddUp();
    }

    [Theory]
    [InlineData(OrderStatus.Pending)]
    [InlineData(OrderStatus.Paid)]
    [InlineData(OrderStatus.Cancelled)]
    [InlineData(OrderStatus.Refunded)]
    public async Task What_never_left_cannot_come_back(OrderStatus status)
    {
        var shop = await Shop();
        var buyer = app.Guest();
        var placed = await app.GivenOrder(buyer);
        var product = placed.Body["items"]![0]!.Text("productId");
        if (status is OrderStatus.Paid or OrderStatus.Refunded)
            await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{placed.Id()}", new { status = "paid" });
        if (status is not (OrderStatus.Pending or OrderStatus.Paid))
            await shop.Send(HttpMethod.Patch, $"/api/admin/orders/{placed.Id()}", new { status = status.ToString() });
        var level = await app.Level(product);

        (await Return(shop, placed.Id(), new { lines = new[] { new { productId = product, quantity = 1 } } }))
            .ShouldBe(HttpStatusCode.Conflict, "order-not-shipped");

        (await app.Level(product)).ShouldBe(level);
        await app.ShouldAddUp();
    }

    [Theory]
    [InlineData("""{"lines": []}""", 400, "validation-failed")]
    [InlineData("""{}""", 400, "validation-failed")]
    [InlineData("""{"lines": [{"productId": "PRODUCT", "quantity": 0}]}""", 400, "validation-failed")]
    [InlineData("""{"lines": [{"productId": "PRODUCT", "quantity": 100}]}""", 400, "validation-failed")]
    [InlineData("""{"lines": [{"quantity": 1}]}""", 400, "validation-failed")]
    [InlineData("""{"lines": [null]}""", 400, "validation-failed")]
    [InlineData("""{"lines": [{"productId": "PRODUCT", "quantity": 1}], "amount": -1}""", 400, "validation-failed")]
    [InlineData("""{"lines": [{"productId": "PRODUCT", "quantity": 1}], "amount": 0.001}""", 400, "validation-failed")]
    [InlineData("""{"lines": [{"productId": "PRODUCT", "quantity": 3}]}""", 409, "return-too-large")]
    [InlineData(
        """{"lines": [{"productId": "PRODUCT", "quantity": 2}, {"productId": "PRODUCT", "quantity": 1, "restock": false}]}""",
        409, "return-too-large")]
    [InlineData("""{"lines": [{"productId": "another", "quantity": 1}]}""", 409, "return-too-large")]
    public async Task What_cannot_come_back_is_refused_and_nothing_does(string body, int status, string code)
    {
        var order = await Shipped(priceMinor: 1000, pieces: 2);
        var json = System.Text.Json.Nodes.JsonNode.Parse(body.Replace("PRODUCT", order.Product, StringComparison.Ordinal))!;

        (await Return(await Shop(), order.OrderId, json)).ShouldBe((HttpStatusCode)status, code);

        (await app.Level(order.Product)).ShouldBe((3, 0));
        (await app.RefundsOf(order.OrderId)).ShouldBeEmpty();
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Only_admins_take_back_and_a_request_that_comes_again_takes_back_once()
    {
        var order = await Shipped(priceMinor: 1000, pieces: 3);
        (await Return(order.Buyer, order.OrderId, Pieces(order, 1))).ShouldBe(HttpStatusCode.Unauthorized, "unauthenticated");
        (await Return((await app.SignedIn()).Buyer, order.OrderId, Pieces(order, 1))).ShouldBe(HttpStatusCode.Forbidden, "forbidden");
        var shop = await Shop();
        (await Return(shop, "nothing", Pieces(order, 1))).ShouldBe(HttpStatusCode.NotFound, "not-found");
        (await shop.Send(HttpMethod.Get, "/api/admin/orders/nothing/returns")).ShouldBe(HttpStatusCode.NotFound, "not-found");

        var first = (await Return(shop, order.OrderId, Pieces(order, 1), "once")).ShouldBe(HttpStatusCode.Created);
        var again = await Return(shop, order.OrderId, Pieces(order, 1), "once");
        again.Replayed.ShouldBeTrue();
        again.Id().ShouldBe(first.Id());
        // Answers are kept for a day; what came back, for ever.
        await app.Database.Write(tx => tx.Execute("DELETE FROM foundation_idempotency").AsTask());
        (await Return(shop, order.OrderId, Pieces(order, 1), "once")).Id().ShouldBe(first.Id());

        await app.Becomes(order.OrderId, PaymentState.Captured);
        await app.ShouldKeep(order, 2000);
        (await app.Level(order.Product)).ShouldBe((3, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Returns_of_the_same_pieces_at_once_take_back_each_piece_once()
    {
        var order = await Shipped(priceMinor: 1000, pieces: 3);
        var shop = await Shop();

        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Return(shop, order.OrderId, Pieces(order, 2))));

        replies.Count(reply => reply.Status == HttpStatusCode.Created).ShouldBe(1);
        replies.Count(reply => reply is { Status: HttpStatusCode.Conflict, Code: "return-too-large" }).ShouldBe(5);
        (await app.Level(order.Product)).ShouldBe((4, 0));
        await app.Becomes(order.OrderId, PaymentState.Captured);
        await app.ShouldKeep(order, 1000);
        (await app.Events("shop.order-returned", order.OrderId)).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_return_that_is_pressed_many_times_at_once_is_one()
    {
        var order = await Shipped(priceMinor: 1000, pieces: 3);
        var shop = await Shop();

        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            _ => Return(shop, order.OrderId, Pieces(order, 1), $"pressed-{order.OrderId}")));

        replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.Created);
        replies.Select(reply => reply.Id()).Distinct().ShouldHaveSingleItem();
        await app.Becomes(order.OrderId, PaymentState.Captured);
        await app.ShouldKeep(order, 2000);
        await app.ShouldAddUp();
    }

    [Theory]
    [InlineData(Point.BeforeRefund)]
    [InlineData(Point.AfterRefund)]
    public async Task A_return_while_a_refund_is_paid_pays_back_no_more_than_was_paid(Point point)
    {
        var order = await Shipped(priceMinor: 1000, pieces: 2);
        var shop = await Shop();
        Reply? rival = null;
        app.Provider.At(point, order.PaymentId, async () => rival = await Return(shop, order.OrderId, Pieces(order, 1)));

        (await shop.Send(HttpMethod.Post, $"/api/admin/orders/{order.OrderId}/refunds", new { amount = 15.00m }))
            .ShouldBe(HttpStatusCode.Created);

        await PaymentApp.Eventually(() => Task.FromResult(rival is not null), "the rival came");
        rival!.ShouldBe(HttpStatusCode.Created).Body["refund"]!["amount"]!.ToString().ShouldBe("5.00", "no more was left");
        await app.Becomes(order.OrderId, OrderStatus.Refunded);
        await app.Becomes(order.OrderId, PaymentState.Captured);
        await app.ShouldKeep(order, 0);
        (await app.RefundsThere(order)).Sum(refund => refund.Amount).ShouldBe(2000);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task An_admin_takes_pieces_back_by_the_orders_page()
    {
        var order = await Shipped(priceMinor: 1000, pieces: 2);
        using var admin = await app.AdminBrowser();
        var (page, form) = ($"/admin/orders/{order.OrderId}", $"/admin/orders/{order.OrderId}/returns");
        await admin.Open(page);

        await admin.Submit(form, ("lines[0].pieces", "3"), ("lines[0].to", "shelf"), ("reason", "too many"));
        admin.Status.ShouldBe(HttpStatusCode.Conflict);
        admin.Html.ShouldContain("So many pieces of this are not with the buyer.");
        admin.Html.ShouldContain("value=\"too many\"");
        await admin.Submit(form, ("lines[0].pieces", ""), ("lines[0].to", "shelf"));
        admin.Status.ShouldBe(HttpStatusCode.BadRequest);
        await admin.Submit(form, ("lines[0].pieces", "1"), ("lines[0].to", "waste"), ("amount", "7,50"), ("reason", "broken"));
        admin.Status.ShouldBe(HttpStatusCode.OK);
        admin.Path.ShouldBe(page);
        admin.Html.ShouldContain("written off");
        admin.Html.ShouldContain("7.50 paid back");
        (await app.Level(order.Product)).ShouldBe((3, 0));
        await app.ShouldAddUp();
    }

    private async Task<PaymentApp.Waiting> Shipped(long priceMinor, int pieces, int stock = 5)
    {
        var order = await app.GivenOpenPayment(priceMinor, pieces, stock);
        await app.PayAtProvider(order);
        await app.Settlement.Settle(order.PaymentId, CancellationToken.None);
        (await (await Shop()).Send(HttpMethod.Patch, $"/api/admin/orders/{order.OrderId}", new { status = "shipped" }))
            .ShouldBe(HttpStatusCode.OK);
        return order;
    }

    private static object Pieces(PaymentApp.Waiting order, int quantity, decimal? amount = null) =>
        new { lines = new[] { new { productId = order.Product, quantity } }, amount };

    private async Task<Buyer> Shop() => new((await app.Admin()).Client);

    private static Task<Reply> Return(Buyer shop, string orderId, object body, string? key = null) =>
        shop.Send(HttpMethod.Post, $"/api/admin/orders/{orderId}/returns", body, key);
}

using System.Net;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Payments.Simulator;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class CardCheckoutTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    [Fact]
    public async Task An_order_by_card_is_paid_by_its_webhook_alone()
    {
        var order = await app.GivenOpenPayment(priceMinor: 1250, pieces: 2, stock: 5);
        (await app.Level(order.Product)).ShouldBe((5, 2), "the pieces are kept, and in the warehouse");

        await app.PayAtProvider(order, fate: WebhookFate.AsConfigured);

        await app.Becomes(order.OrderId, OrderStatus.Paid);
        (await app.Level(order.Product)).ShouldBe((3, 0));
        await app.ShouldKeep(order, 2500);
        var seen = await order.Buyer.Send(HttpMethod.Get, $"/api/orders/{order.OrderId}");
        seen.Body["payment"]!.ToJsonString().ShouldBe("""{"method":"card","status":"paid","paid":25.00,"refunded":0.00}""");
        seen.Body["timeline"]!.AsArray().Select(moment => $"{moment!["status"]} by {moment["by"]}")
            .ShouldBe(["pending by customer", "paid by system"]);
        (await app.Events("shop.order-paid", order.OrderId)).ShouldBe(1);
        await app.ShouldAddUp();
    }
}

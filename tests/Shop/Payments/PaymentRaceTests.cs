using System.Net;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Payments.Simulator;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>A rival gets in exactly between two steps.</summary>
public class PaymentRaceTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    [Fact]
    public async Task A_webhook_between_authorise_and_consume_sells_once()
    {
        var order = await app.GivenOpenPayment(stock: 3);
        await app.PayAtProvider(order);
        // The buyer's return has seen that it is authorised; before it sells the pieces, the webhook does all of it.
        app.Provider.At(Point.AfterFind, order.PaymentId, () => app.Settlement.Settle(order.PaymentId, CancellationToken.None));

        var settled = await app.Settlement.Settle(order.PaymentId, CancellationToken.None);

        settled!.Stage.ShouldBe(PaymentState.Captured);
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Paid);
        (await app.Level(order.Product)).ShouldBe((2, 0));
        await app.ShouldKeep(order, 1250);
        (await app.Events("shop.order-paid", order.OrderId)).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_webhook_while_the_money_is_taken_takes_it_once()
    {
        var order = await app.GivenOpenPayment(stock: 3);
        await app.PayAtProvider(order);
        app.Provider.At(Point.BeforeCapture, order.PaymentId, () => app.Settlement.Settle(order.PaymentId, CancellationToken.None));

        await app.Settlement.Settle(order.PaymentId, CancellationToken.None);

        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Paid);
        await app.ShouldKeep(order, 1250);
        (await app.Events("shop.order-paid", order.OrderId)).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Theory]
    [InlineData(Point.AfterFind)]
    [InlineData(Point.BeforeCapture)]
    [InlineData(Point.AfterCapture)]
    public async Task A_cancellation_against_a_payment_ends_with_the_pieces_here_and_the_money_there(Point point)
    {
        var order = await app.GivenOpenPayment(stock: 3);
        await app.PayAtProvider(order);
        app.Provider.At(point, order.PaymentId, async () => (await order.Buyer.Cancel(order.OrderId)).ShouldBe(HttpStatusCode.OK));

        await app.Settlement.Settle(order.PaymentId, CancellationToken.None);

        await app.Becomes(order.OrderId, PaymentState.Closed);
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Cancelled);
        (await app.Level(order.Product)).ShouldBe((3, 0));
        await app.ShouldKeep(order, 0);
        (await app.RefundsThere(order)).Sum(refund => refund.Amount).ShouldBe((await app.IntentOf(order)).AmountReceived);
        (await app.Events("shop.order-paid", order.OrderId)).ShouldBe(0);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task The_end_of_an_orders_time_against_its_payment_has_one_winner()
    {
        var order = await app.GivenOpenPayment(stock: 3);
        await app.PayAtProvider(order);
        app.Provider.At(Point.AfterFind, order.PaymentId, async () =>
        {
            app.Clock.Advance(TimeSpan.FromHours(25));
            await app.Sweep();
        });

        await app.Settlement.Settle(order.PaymentId, CancellationToken.None);

        await app.Becomes(order.OrderId, PaymentState.Closed);
        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Expired);
        (await app.Available(order.Product)).ShouldBe(3);
        await app.ShouldKeep(order, 0);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Time_that_runs_out_while_the_money_is_taken_takes_nothing_from_a_buyer_who_paid_in_time()
    {
        var order = await app.GivenOpenPayment(stock: 3);
        await app.PayAtProvider(order);
        app.Provider.At(Point.BeforeCapture, order.PaymentId, async () =>
        {
            app.Clock.Advance(TimeSpan.FromHours(25));
            await app.Sweep();
        });

        await app.Settlement.Settle(order.PaymentId, CancellationToken.None);

        (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Paid);
        await app.ShouldKeep(order, 1250);
    }

    [Fact]
    public async Task Two_tabs_that_go_to_pay_one_order_get_one_page()
    {
        var buyer = app.Guest();
        var (orderId, _) = await app.GivenCardOrder(buyer);

        var replies = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => buyer.Pay(orderId)));

        replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.OK);
        replies.Select(reply => reply.Body["url"]!.ToString()).Distinct().ShouldHaveSingleItem();
        (await app.SessionsThere((await app.PaymentOf(orderId)).Id)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Two_tabs_that_check_out_one_cart_by_card_make_one_order_and_take_money_once()
    {
        var product = await app.GivenProduct(stock: 5, priceMinor: 1250);
        var buyer = app.Guest();
        await buyer.Add(product, 2);

        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => buyer.Order(method: "card")));
        var orderId = replies.Single(reply => reply.Status == HttpStatusCode.Created).Id();
        replies.Count(reply => reply.Code == "cart-empty").ShouldBe(3);
        var session = (await buyer.Pay(orderId)).Body["url"]!.ToString().Split('/')[^1];
        var order = new PaymentApp.Waiting(buyer, orderId, product, session, (await app.PaymentOf(orderId)).Id);
        await app.PayAtProvider(order, fate: WebhookFate.Twice);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => app.Settlement.Settle(order.PaymentId, CancellationToken.None)));

        await app.Becomes(orderId, OrderStatus.Paid);
        await app.ShouldKeep(order, 2500);
        (await app.Level(product)).ShouldBe((3, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_refund_that_is_pressed_twice_at_once_pays_once()
    {
        var order = await app.GivenPaidOrder();
        using var admin = await app.Admin();
        var shop = new Buyer(admin.Client);

        var replies = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => shop.Send(
            HttpMethod.Post, $"/api/admin/orders/{order.OrderId}/refunds", new { amount = 5.00m }, key: $"pressed-{order.OrderId}")));

        replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.Created);
        replies.Select(reply => reply.Id()).Distinct().ShouldHaveSingleItem();
        await app.Becomes(order.OrderId, PaymentState.Captured);
        (await app.RefundsThere(order)).ShouldHaveSingleItem().Amount.ShouldBe(500);
        await app.ShouldKeep(order, 750);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Many_who_pay_back_at_once_pay_back_no_more_than_was_paid()
    {
        var order = await app.GivenPaidOrder();
        using var admin = await app.Admin();
        var shop = new Buyer(admin.Client);

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => shop.Send(
            HttpMethod.Post, $"/api/admin/orders/{order.OrderId}/refunds", new { amount = 5.00m })));

        replies.Count(reply => reply.Status == HttpStatusCode.Created).ShouldBe(2);
        replies.Count(reply => reply is { Status: HttpStatusCode.Conflict, Code: "refund-too-large" }).ShouldBe(6);
        await app.Becomes(order.OrderId, PaymentState.Captured);
        await app.ShouldKeep(order, 250);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_refund_that_two_nodes_pay_at_once_is_paid_once()
    {
        var order = await app.GivenPaidOrder();
        using var admin = await app.Admin();
        app.Provider.At(Point.BeforeRefund, order.PaymentId, () => app.Settlement.Settle(order.PaymentId, CancellationToken.None));

        (await new Buyer(admin.Client).Send(HttpMethod.Post, $"/api/admin/orders/{order.OrderId}/refunds", new { amount = 5.00m }))
            .ShouldBe(HttpStatusCode.Created);

        await app.Becomes(order.OrderId, PaymentState.Captured);
        (await app.RefundsThere(order)).ShouldHaveSingleItem();
        await app.ShouldKeep(order, 750);
        await app.ShouldAddUp();
    }
}

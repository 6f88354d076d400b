using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>The process dies between two steps, and the next one to look goes on from there.</summary>
public class CrashTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    [Theory]
    [InlineData(Point.AfterFind)]
    [InlineData(Point.BeforeCapture)]
    [InlineData(Point.AfterCapture)]
    public async Task A_payment_that_was_interrupted_is_finished_by_the_sweep(Point point)
    {
        var order = await app.GivenOpenPayment(priceMinor: 1250, stock: 3);
        app.Provider.At(point, order.PaymentId, () => throw new CrashException());
        using (app.Provider.OnlyMe())
        {
            await app.PayAtProvider(order);
            await Should.ThrowAsync<CrashException>(() => app.Settlement.Settle(order.PaymentId, CancellationToken.None));
        }

        app.Clock.Advance(TimeSpan.FromMinutes(3));

        await app.SweptUntil(order.OrderId, OrderStatus.Paid);
        await app.ShouldKeep(order, 1250);
        (await app.Level(order.Product)).ShouldBe((2, 0));
        (await app.Events("shop.order-paid", order.OrderId)).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Theory]
    [InlineData(Point.BeforeCancel, "success")]
    [InlineData(Point.AfterCancel, "success")]
    [InlineData(Point.BeforeRefund, "slow")]
    [InlineData(Point.AfterRefund, "slow")]
    public async Task Late_money_goes_back_once_however_the_way_back_was_interrupted(Point point, string card)
    {
        var order = await app.GivenOpenPayment(priceMinor: 1250, stock: 3);
        app.Provider.At(point, order.PaymentId, () => throw new CrashException());
        using (app.Provider.OnlyMe())
        {
            await order.Buyer.Cancel(order.OrderId);
            await app.PayAtProvider(order, card);
            app.Clock.Advance(TimeSpan.FromHours(26));
            if (card == "slow") await app.Database.Write(async tx => await app.Stripe.Arrive(tx, (await app.IntentIdOf(tx, order))!));
            await Should.ThrowAsync<CrashException>(() => app.Settlement.Settle(order.PaymentId, CancellationToken.None));
        }

        app.Clock.Advance(TimeSpan.FromMinutes(15));
        await app.SweptUntil(order.OrderId, PaymentState.Closed);
        await app.ShouldKeep(order, 0);
        (await app.RefundsOf(order.OrderId)).Count.ShouldBe(card == "slow" ? 1 : 0);
        (await app.RefundsThere(order)).Count.ShouldBe(card == "slow" ? 1 : 0);
        (await app.Letters($"order {await app.NumberOf(order.OrderId)} goes back")).ShouldBe(1);
        await app.ShouldAddUp();
    }

    [Theory]
    [InlineData(Point.BeforeStart)]
    [InlineData(Point.AfterStart)]
    public async Task A_payment_whose_beginning_was_interrupted_begins_once(Point point)
    {
        var buyer = app.Guest();
        var (orderId, _) = await app.GivenCardOrder(buyer);
        using (app.Provider.OnlyMe()) await buyer.Pay(orderId);
        var payment = await app.PaymentOf(orderId);
        payment.Stage.ShouldBe(PaymentState.New);
        app.Provider.At(point, payment.Id, () => throw new CrashException());
        (await buyer.Pay(orderId)).ShouldBe(System.Net.HttpStatusCode.InternalServerError, "internal-error");

        var url = (string)(await buyer.Pay(orderId)).ShouldBe(System.Net.HttpStatusCode.OK).Body["url"]!;

        (await app.PaymentOf(orderId)).Id.ShouldBe(payment.Id);
        (await app.SessionsThere(payment.Id)).ShouldHaveSingleItem().Url.ShouldBe(url);
    }

    [Fact]
    public async Task What_was_under_way_when_the_server_ended_is_finished_after_it_started_again()
    {
        var order = await app.GivenOpenPayment(priceMinor: 1250, stock: 3);
        using (app.Provider.OnlyMe())
        {
            await app.PayAtProvider(order);
            app.Provider.At(Point.BeforeCapture, order.PaymentId, () => throw new CrashException());
            await Should.ThrowAsync<CrashException>(() => app.Settlement.Settle(order.PaymentId, CancellationToken.None));
            (await app.StatusOf(order.OrderId)).ShouldBe(OrderStatus.Pending);
            await app.Restart();
        }

        app.Clock.Advance(TimeSpan.FromMinutes(1));

        await app.SweptUntil(order.OrderId, OrderStatus.Paid);
        await app.ShouldKeep(order, 1250);
    }
}

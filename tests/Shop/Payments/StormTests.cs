using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Payments.Simulator;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>
/// A thousand checkouts whose webhooks all come twice, a third of them in another order, a tenth never and a twentieth 25 hours late; a
/// twentieth of the buyers pay 25 hours late, others are declined first, cancel while they pay, come back or never do.
/// </summary>
[Trait("Speed", "slow")]
public class StormTests(PaymentApp app, ITestOutputHelper output) : IClassFixture<PaymentApp>
{
    private const int Checkouts = 1000;
    private const int AtOnce = 16;
    private const int Products = 20;
    private const long Price = 1250;

    private sealed record Storm(PaymentApp.Waiting Order, int Number)
    {
        public bool PaysLate => Number % 20 == 7;

        public bool Cancels => Number % 50 == 11;

        public bool IsDeclinedFirst => Number % 25 == 3;

        public bool ComesBack => Number % 3 == 1;
    }

    [Fact]
    public async Task After_the_storm_every_order_is_paid_once_and_every_late_payment_refunded_once()
    {
        var begun = Stopwatch.GetTimestamp();
        (app.Faults.DuplicateEvery, app.Faults.ReorderEvery, app.Faults.DropEvery, app.Faults.LateEvery) = (1, 3, 10, 20);
        var products = new List<string>();
        for (var i = 0; i < Products; i++) products.Add(await app.GivenProduct(stock: Checkouts, Price));
        using var client = app.NewClient();

        var all = new ConcurrentBag<Storm>();
        await Parallel.ForEachAsync(Enumerable.Range(0, Checkouts), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
            all.Add(await CheckOut(new Buyer(client), products[i % Products], i)));
        var paid = Stopwatch.GetElapsedTime(begun);

        // The sweep finds those of whom nothing was ever heard, before their time is over.
        await Calm();
        app.Clock.Advance(TimeSpan.FromMinutes(15));
        await Calm();
        await PaymentApp.Eventually(
            async () => await Count("SELECT COUNT(*) FROM shop_orders WHERE status = 'pending'") == all.Count(one => one.PaysLate),
            "only those wait whose bank has not answered");
        // The late webhooks come, and so does the late money, for orders that have expired.
        app.Clock.Advance(TimeSpan.FromHours(25));
        await Calm();
        // Some of its webhooks are lost as well, and then it takes a few minutes until the sweep finds it.
        await PaymentApp.Eventually(
            async () =>
            {
                app.Clock.Advance(TimeSpan.FromSeconds(20));
                return await Count("SELECT COUNT(*) FROM shop_payments WHERE state NOT IN ('captured', 'closed')") == 0;
            },
            "every payment has come to its end");
        await Calm();
        var settled = Stopwatch.GetElapsedTime(begun);
        output.WriteLine($"{Checkouts} checkouts in {paid.TotalSeconds:0.0} s, all settled after {settled.TotalSeconds:0.0} s");

        foreach (var one in all) await Check(one);
        await Check(products, all);
        await app.Reconcile();
        (await app.Disagreements()).ShouldBeEmpty();
        await app.ShouldAddUp();
    }

    private async Task<Storm> CheckOut(Buyer buyer, string product, int number)
    {
        (await buyer.Add(product)).ShouldBe(HttpStatusCode.OK);
        var orderId = (await buyer.Order(method: "card")).ShouldBe(HttpStatusCode.Created).Id();
        var url = (await buyer.Pay(orderId)).ShouldBe(HttpStatusCode.OK).Body["url"]!.ToString();
        var order = new PaymentApp.Waiting(buyer, orderId, product, url.Split('/')[^1], (await app.PaymentOf(orderId)).Id);
        var storm = new Storm(order, number);

        if (storm.IsDeclinedFirst) await app.PayAtProvider(order, "declined", WebhookFate.AsConfigured);
        var pays = app.PayAtProvider(order, storm.PaysLate ? "slow" : "success", WebhookFate.AsConfigured);
        var cancels = storm.Cancels ? buyer.Cancel(orderId) : Task.CompletedTask;
        await Task.WhenAll(pays, cancels);
        if (storm.ComesBack) await ComeBack(order);
        return storm;
    }

    private static async Task ComeBack(PaymentApp.Waiting order)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/orders/{order.OrderId}/return");
        request.Headers.Add("X-Cart-Token", order.Buyer.Token);
        using var answer = await order.Buyer.Client.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.Found);
    }

    /// <summary>Waits until neither side has anything to do at this time.</summary>
    private async Task Calm()
    {
        await app.Sweep();
        await PaymentApp.Eventually(
            async () => await Count("SELECT COUNT(*) FROM shop_simulator_tasks WHERE due_at <= @now") == 0
                && await Count("SELECT COUNT(*) FROM shop_payments WHERE due_at <= @now") == 0
                && await Count("SELECT COUNT(*) FROM shop_refunds WHERE state = 'pending'") == 0,
            "all webhooks are sent and all payments looked at");
    }

    private async Task Check(Storm storm)
    {
        var (order, payment) = (storm.Order, await app.PaymentOf(storm.Order.OrderId));
        var status = await app.StatusOf(order.OrderId);
        payment.OwesRefund.ShouldBeFalse();
        if (status == OrderStatus.Paid)
        {
            (storm.PaysLate || storm.Cancels).ShouldBeFalse();
            (payment.CapturedMinor, payment.RefundedMinor).ShouldBe((Price, 0));
            await app.ShouldKeep(order, Price);
            return;
        }

        status.ShouldBe(storm.PaysLate ? OrderStatus.Expired : OrderStatus.Cancelled);
        payment.CapturedMinor.ShouldBe(payment.RefundedMinor);
        var refunds = await app.RefundsThere(order);
        refunds.Count.ShouldBe(payment.CapturedMinor > 0 ? 1 : 0);
        if (!storm.PaysLate) return;
        refunds.ShouldHaveSingleItem().Amount.ShouldBe(Price);
        (await app.Letters($"order {await app.NumberOf(order.OrderId)} goes back")).ShouldBe(1);
    }

    private async Task Check(IEnumerable<string> products, IReadOnlyCollection<Storm> all)
    {
        var sold = all.Count(one => !one.PaysLate && !one.Cancels);
        (await Count("SELECT COUNT(*) FROM shop_orders WHERE status = 'paid'")).ShouldBe(sold);
        (await Count("SELECT COUNT(*) FROM foundation_events WHERE name = 'shop.order-paid'")).ShouldBeGreaterThanOrEqualTo(sold);
        var left = 0L;
        foreach (var product in products)
        {
            var (onHand, reserved) = await app.Level(product);
            reserved.ShouldBe(0);
            left += onHand;
        }

        left.ShouldBe((Checkouts * Products) - sold);
    }

    private Task<long> Count(string sql) => app.Database.Read(tx => tx.First<long>(sql, new { now = app.Clock.NowMs() }).AsTask());
}

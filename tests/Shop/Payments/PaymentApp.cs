using System.Net;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Payments.Simulator;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;

namespace Kontor.Shop.Tests;

/// <summary>What tests of payments need to say: the simulated provider from its own side, and the steps of ours.</summary>
public class PaymentApp : ShopApp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    internal InterceptedProvider Provider => Services.GetServices<IPaymentProvider>().OfType<InterceptedProvider>().Single();

    internal Settlement Settlement => Services.GetRequiredService<Settlement>();

    internal SimulatedStripe Stripe => Services.GetRequiredService<SimulatedStripe>();

    internal SimulatorOptions Faults => Services.GetRequiredService<IOptions<SimulatorOptions>>().Value;

    /// <summary>An order by card that waits for its money, and where it is paid.</summary>
    public sealed record Waiting(Buyer Buyer, string OrderId, string Product, string Session, string PaymentId);

    public async Task<Waiting> GivenOpenPayment(long priceMinor = 1250, int pieces = 1, int stock = 5, Buyer? buyer = null)
    {
        buyer ??= Guest();
        var (orderId, product) = await GivenCardOrder(buyer, priceMinor, pieces, stock);
        var url = (string)(await buyer.Pay(orderId)).ShouldBe(HttpStatusCode.OK).Body["url"]!;
        return new(buyer, orderId, product, url.Split('/')[^1], (await PaymentOf(orderId)).Id);
    }

    /// <summary>The same where the provider answers nobody but this test.</summary>
    public async Task<Waiting> GivenOpenPaymentAlone(Buyer buyer, long priceMinor)
    {
        var (orderId, product) = await GivenCardOrder(buyer, priceMinor);
        var url = (await Services.GetRequiredService<Paying>().Start(orderId, OrderAccess.Admin, "test", CancellationToken.None)).Value!;
        return new(buyer, orderId, product, url.Split('/')[^1], (await PaymentOf(orderId)).Id);
    }

    public async Task<(string OrderId, string Product)> GivenCardOrder(Buyer buyer, long priceMinor = 1250, int pieces = 1, int stock = 5)
    {
        var product = await GivenProduct(stock, priceMinor);
        (await buyer.Add(product, pieces)).ShouldBe(HttpStatusCode.OK);
        return ((await buyer.Order(method: "card")).ShouldBe(HttpStatusCode.Created).Id(), product);
    }

    /// <summary>An order that was paid by card.</summary>
    public async Task<Waiting> GivenPaidOrder(int stock = 5)
    {
        var order = await GivenOpenPayment(stock: stock);
        await PayAtProvider(order);
        (await Settlement.Settle(order.PaymentId, CancellationToken.None))!.Stage.ShouldBe(PaymentState.Captured);
        return order;
    }

    /// <summary>Webhooks of this order that were not sent yet.</summary>
    public Task<long> TasksLeft(Waiting order) => Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM shop_simulator_tasks WHERE body LIKE @payment", new { payment = $"%{order.PaymentId}%" }).AsTask());

    /// <summary>The buyer pays at the provider's page; nobody tells the shop unless a webhook does.</summary>
    internal Task<SimulatedIntent?> PayAtProvider(Waiting order, string card = "success", WebhookFate fate = WebhookFate.Never) =>
        Database.Write(tx => Stripe.Pay(tx, order.Session, card, fate));

    internal async Task<Payment> PaymentOf(string orderId) =>
        (await Database.Read(tx => PaymentBook.Of(tx, [orderId]).AsTask()))[orderId].Last();

    internal async Task<List<Refund>> RefundsOf(string orderId) => await Database.Read(tx => RefundBook.Of(tx, orderId).AsTask());

    internal async Task<SimulatedIntent> IntentOf(Waiting order) => (await Database.Write(async tx =>
    {
        var session = await SimulatorStore.Find<SimulatedSession>(tx, order.Session);
        return await SimulatorStore.Find<SimulatedIntent>(tx, session!.IntentId!);
    }))!;

    internal async Task<string?> IntentIdOf(Tx tx, Waiting order) =>
        (await SimulatorStore.Find<SimulatedSession>(tx, order.Session))!.IntentId;

    /// <summary>The refunds that the provider made for the order.</summary>
    internal Task<List<SimulatedRefund>> RefundsThere(Waiting order) => Database.Write(async tx =>
        await SimulatorStore.List<SimulatedRefund>(tx, await IntentIdOf(tx, order), 0, null, 100));

    /// <summary>Somebody pays back at the provider's own pages.</summary>
    internal Task RefundThere(Waiting order, long minor) => Database.Write(async tx => await Stripe.Refund(tx, new SimulatorForm(
    [
        new("payment_intent", (await IntentIdOf(tx, order))!),
        new("amount", minor.ToString(System.Globalization.CultureInfo.InvariantCulture)),
    ])));

    /// <summary>The provider's pages on which this payment could be made.</summary>
    internal async Task<List<SimulatedSession>> SessionsThere(string paymentId) =>
        (await Database.Write(tx => SimulatorStore.List<SimulatedSession>(tx, null, 0, null, 10_000).AsTask()))
        .FindAll(session => session.Metadata.ContainsValue(paymentId));

    internal async Task<string> NumberOf(string orderId) =>
        (await Database.Read(tx => OrderBook.Find(tx, orderId, OrderAccess.Admin)))!.Order.Number;

    internal async Task<OrderStatus> StatusOf(string orderId) =>
        (await Database.Read(tx => OrderBook.Find(tx, orderId, OrderAccess.Admin)))!.Order.State;

    public Task Sweep() => Services.GetRequiredService<PaymentSweep>().Run(CancellationToken.None);

    /// <summary>The sweep comes by again and again, as it does in life, for whatever the server had taken up meanwhile.</summary>
    internal Task SweptUntil(string orderId, PaymentState state) => SweptUntil(
        async () => await PaymentOf(orderId) is var payment && payment.Stage == state && !payment.OwesRefund,
        $"the payment of order {orderId} is {state}, and nothing is owed");

    internal Task SweptUntil(string orderId, OrderStatus status) =>
        SweptUntil(async () => await StatusOf(orderId) == status, $"order {orderId} is {status}");

    internal Task Reconcile() => Services.GetRequiredService<Reconciliation>().Run(Provider, CancellationToken.None);

    internal Task<List<OpenDisagreement>> Disagreements() =>
        Database.Read(tx => Kontor.Shop.Payments.Disagreements.Open(tx, 200).AsTask());

    /// <summary>Letters to this buyer whose subject says this.</summary>
    public Task<long> Letters(string subject) => Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM mail_letters WHERE subject LIKE @subject", new { subject = $"%{subject}%" }).AsTask());

    /// <summary>Waits for what happens in the background.</summary>
    public static async Task Eventually(Func<Task<bool>> holds, string what)
    {
        var begun = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            if (TimeProvider.System.GetElapsedTime(begun) > Patience) throw new TimeoutException($"It never came to this: {what}");
            await Task.Delay(10);
        }
    }

    private Task SweptUntil(Func<Task<bool>> holds, string what) => Eventually(
        async () =>
        {
            if (await holds()) return true;
            Clock.Advance(TimeSpan.FromSeconds(30));
            await Sweep();
            return false;
        },
        what);

    internal Task Becomes(string orderId, OrderStatus status) =>
        Eventually(async () => await StatusOf(orderId) == status, $"order {orderId} is {status}");

    internal Task Becomes(string orderId, PaymentState state) => Eventually(
        async () => (await PaymentOf(orderId)) is var payment && payment.Stage == state && !payment.OwesRefund,
        $"the payment of order {orderId} is {state}, and nothing is owed");

    /// <summary>The provider keeps exactly this for the order.</summary>
    public async Task ShouldKeep(Waiting order, long minor)
    {
        var intent = await IntentOf(order);
        (intent.AmountReceived - intent.AmountRefunded).ShouldBe(minor);
        if (minor == 0) intent.Status.ShouldNotBe("requires_capture", "the money is still set aside");
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        // Before the module's own, so that this one is asked.
        builder.Services.AddSingleton<IPaymentProvider, InterceptedProvider>();
    }
}

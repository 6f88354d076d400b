using Kontor.Foundation.Data;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Payments.Simulator;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>
/// Each cell of the table again, with a real order and a real intent put into these states: what comes of it when somebody settles, and
/// that neither money nor a piece is lost on the way. What the provider's rules do not allow is put there by hand.
/// </summary>
public class PaymentCellTests(PaymentApp app) : IClassFixture<PaymentApp>
{
    private const long Price = 1000;

    [Theory]
    // The buyer was not told where to pay, so nobody paid.
    [InlineData("New", "Unknown", "Pending", "New", 0)]
    // The buyer is at the provider's page, or left it.
    [InlineData("Open", "Unknown", "Pending", "Open", 0)]
    [InlineData("Open", "Open", "Pending", "Open", 0)]
    [InlineData("Open", "Processing", "Pending", "Open", 0)]
    [InlineData("Open", "Authorised", "Paid", "Captured", Price)]
    [InlineData("Open", "Captured", "Paid", "Captured", Price)]
    [InlineData("Open", "Cancelled", "Pending", "Closed", 0)]
    // The pieces are sold.
    [InlineData("Capturing", "Unknown", "Pending", "Capturing", 0)]
    [InlineData("Capturing", "Open", "Pending", "Capturing", 0)]
    [InlineData("Capturing", "Processing", "Pending", "Capturing", 0)]
    [InlineData("Capturing", "Authorised", "Paid", "Captured", Price)]
    [InlineData("Capturing", "Captured", "Paid", "Captured", Price)]
    [InlineData("Capturing", "Cancelled", "Cancelled", "Closed", 0)]
    // The order is paid; what the provider says against it moves nothing.
    [InlineData("Captured", "Unknown", "Paid", "Captured", 0)]
    [InlineData("Captured", "Open", "Paid", "Captured", 0)]
    [InlineData("Captured", "Processing", "Paid", "Captured", 0)]
    [InlineData("Captured", "Authorised", "Paid", "Captured", 0)]
    [InlineData("Captured", "Captured", "Paid", "Captured", Price)]
    [InlineData("Captured", "Cancelled", "Paid", "Captured", 0)]
    // The order ended.
    [InlineData("Releasing", "Unknown", "Cancelled", "Releasing", 0)]
    [InlineData("Releasing", "Open", "Cancelled", "Closed", 0)]
    [InlineData("Releasing", "Processing", "Cancelled", "Releasing", 0)]
    [InlineData("Releasing", "Authorised", "Cancelled", "Closed", 0)]
    [InlineData("Releasing", "Captured", "Cancelled", "Closed", 0)]
    [InlineData("Releasing", "Cancelled", "Cancelled", "Closed", 0)]
    // Nothing had come of it.
    [InlineData("Closed", "Unknown", "Cancelled", "Closed", 0)]
    [InlineData("Closed", "Open", "Cancelled", "Closed", 0)]
    [InlineData("Closed", "Processing", "Cancelled", "Releasing", 0)]
    [InlineData("Closed", "Authorised", "Cancelled", "Closed", 0)]
    [InlineData("Closed", "Captured", "Cancelled", "Closed", 0)]
    [InlineData("Closed", "Cancelled", "Cancelled", "Closed", 0)]
    public async Task Settling_leads_to_its_end(string ours, string theirs, string order, string state, long kept)
    {
        using var alone = app.Provider.OnlyMe();
        var given = await Given(Enum.Parse<PaymentState>(ours));
        await PutThere(given, Enum.Parse<ProviderStatus>(theirs));

        for (var i = 0; i < 2; i++) await app.Settlement.Settle(given.PaymentId, CancellationToken.None);

        (await app.StatusOf(given.OrderId)).ToString().ShouldBe(order);
        var payment = await app.PaymentOf(given.OrderId);
        payment.State.ShouldBe(state.ToLowerInvariant());
        payment.RefundedMinor.ShouldBe(payment.RefundingMinor, "nothing is owed");
        if (await Intent(given) is { } intent) (intent.AmountReceived - intent.AmountRefunded).ShouldBe(kept);
        (await app.Level(given.Product)).ShouldBe(order switch
        {
            "Cancelled" => (5, 0),
            "Paid" => (4, 0),
            _ => state == "Capturing" ? (4, 0) : (5, 1),
        });
        await app.ShouldAddUp();
    }

    /// <summary>By the steps that lead there, of which the last is kept from happening.</summary>
    private async Task<PaymentApp.Waiting> Given(PaymentState state)
    {
        var buyer = app.Guest();
        if (state == PaymentState.New)
        {
            var (id, product) = await app.GivenCardOrder(buyer, Price);
            // The provider answers nobody else, so that the payment is written down and no more.
            await buyer.Pay(id);
            return new(buyer, id, product, "", (await app.PaymentOf(id)).Id);
        }

        var given = await app.GivenOpenPaymentAlone(buyer, Price);
        switch (state)
        {
            case PaymentState.Capturing:
                await app.PayAtProvider(given);
                app.Provider.At(Point.BeforeCapture, given.PaymentId, () => throw new CrashException());
                await Should.ThrowAsync<CrashException>(() => app.Settlement.Settle(given.PaymentId, CancellationToken.None));
                break;
            case PaymentState.Captured:
                await app.PayAtProvider(given);
                await app.Settlement.Settle(given.PaymentId, CancellationToken.None);
                break;
            case PaymentState.Releasing:
                await buyer.Cancel(given.OrderId);
                break;
            case PaymentState.Closed:
                await buyer.Cancel(given.OrderId);
                await app.Settlement.Settle(given.PaymentId, CancellationToken.None);
                break;
        }

        (await app.PaymentOf(given.OrderId)).Stage.ShouldBe(state);
        return given;
    }

    /// <summary>Whatever has happened there, it is as if this had.</summary>
    private Task PutThere(PaymentApp.Waiting given, ProviderStatus status) => app.Database.Write(async tx =>
    {
        if (given.Session.Length == 0) return;
        if (status == ProviderStatus.Unknown)
        {
            await tx.Execute("DELETE FROM shop_simulator_objects WHERE id = @id OR parent = @id", new { id = given.Session });
            return;
        }

        var session = (await SimulatorStore.Find<SimulatedSession>(tx, given.Session))!;
        if (session.IntentId is null)
        {
            await SimulatorStore.Save(tx, session.Id, session with { Status = "open" });
            await app.Stripe.Pay(tx, session.Id, "declined", WebhookFate.Never);
            session = (await SimulatorStore.Find<SimulatedSession>(tx, given.Session))!;
        }

        var intent = (await SimulatorStore.Find<SimulatedIntent>(tx, session.IntentId!))!;
        await SimulatorStore.Save(tx, session.Id, session with { Status = status == ProviderStatus.Open ? "open" : "complete" });
        await SimulatorStore.Save(tx, intent.Id, intent with
        {
            Status = status switch
            {
                ProviderStatus.Open => "requires_payment_method",
                ProviderStatus.Processing => "processing",
                ProviderStatus.Authorised => "requires_capture",
                ProviderStatus.Captured => "succeeded",
                _ => "canceled",
            },
            AmountReceived = status == ProviderStatus.Captured ? Price : 0,
            ChargeId = "ch_put_there",
        });
    });

    private Task<SimulatedIntent?> Intent(PaymentApp.Waiting given) => app.Database.Write(async tx =>
        await SimulatorStore.Find<SimulatedSession>(tx, given.Session) is { IntentId: { } id }
            ? await SimulatorStore.Find<SimulatedIntent>(tx, id)
            : null);
}

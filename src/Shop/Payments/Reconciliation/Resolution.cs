using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Shop.Orders;

namespace Kontor.Shop.Payments;

/// <summary>What the button of each disagreement does.</summary>
internal sealed class Resolution(
    Database database, Settlement settlement, OrderBook orders, RefundBook refunds, Disagreements disagreements, PaymentProviders providers,
    ProviderMarks marks)
{
    private static readonly Problem Refused = new(409, "payment-refused", "The payment service refuses this.");

    public async Task<Problem?> Resolve(string id, string actor, CancellationToken ct)
    {
        var found = await database.Read(tx => Disagreements.Find(tx, id).AsTask(), ct);
        if (found is null) return Disagreements.Unknown;
        try
        {
            await Act(found, actor, ct);
            return null;
        }
        catch (ProviderException exception)
        {
            return (exception.IsRefusal ? Refused : PaymentProviders.Unavailable).Because(exception.Code);
        }
    }

    private async Task Act(OpenDisagreement found, string actor, CancellationToken ct)
    {
        switch (found.Action)
        {
            case DisagreementAction.Transferred:
                await database.Write(tx => Transferred(tx, found, actor), ct);
                break;
            case DisagreementAction.TryAgain:
                await TryAgain(found, actor, ct);
                break;
            case DisagreementAction.GiveBack:
                await GiveBack(found, ct);
                await Settled(found, actor, ct);
                break;
            case DisagreementAction.RecordRefund:
                await database.Write(tx => RecordRefund(tx, found, actor), ct);
                break;
            default:
                await Settled(found, actor, ct);
                break;
        }
    }

    private async Task Transferred(Tx tx, OpenDisagreement found, string actor)
    {
        await OrderBook.Lock(tx, found.OrderId!, OrderAccess.Admin);
        var (payment, refund) = (await PaymentBook.Find(tx, found.PaymentId!), await RefundBook.Find(tx, found.Subject));
        await refunds.Succeeded(tx, payment!, refund!, RefundBook.ByHand, actor);
    }

    private async Task TryAgain(OpenDisagreement found, string actor, CancellationToken ct)
    {
        var payment = await settlement.Settle(found.PaymentId!, ct);
        // A refund that is paid resolves its own.
        if (found.Why == DisagreementCause.Stuck && payment?.Stage is not (PaymentState.Capturing or PaymentState.Releasing))
            await Settled(found, actor, ct);
    }

    /// <summary>The disagreement's id is the key, so that a button that is pressed twice pays once.</summary>
    private async Task GiveBack(OpenDisagreement found, CancellationToken ct)
    {
        if (providers.Find(found.Provider) is not IOnlineProvider provider) return;
        var payment = new Payment(
            found.Id, "", found.Provider, Payment.Text(PaymentState.Closed), found.TheirsMinor!.Value, found.Currency,
            Reference: null, Intent: found.Subject, Url: null, 0, 0, 0, LastError: null, DueAt: null, CreatedAt: 0, ChangedAt: 0);
        if (found.Detail == "authorised")
        {
            await provider.Cancel(payment, new ProviderPayment(ProviderStatus.Authorised, Intent: found.Subject), ct);
            return;
        }

        var refund = new Refund(
            found.Id, found.Id, "", payment.AmountMinor, found.Currency, "pending", null, "", null, 0, 0, null, CreatedAt: 0);
        await provider.Refund(payment, refund, await marks.Of(provider.Name, ct), ct);
    }

    private async Task RecordRefund(Tx tx, OpenDisagreement found, string actor)
    {
        var order = (await OrderBook.Lock(tx, found.OrderId!, OrderAccess.Admin))!;
        var payment = (await PaymentBook.Find(tx, found.PaymentId!))!;
        var missing = found.TheirsMinor!.Value - payment.RefundingMinor;
        if (missing > 0) await refunds.Record(tx, payment, missing, found.TheirsMinor.Value, actor);
        await orders.RefundedIfAll(tx, order, payment, reason: null, actor);
        await disagreements.Resolve(tx, found.Provider, found.Subject, actor);
    }

    private Task Settled(OpenDisagreement found, string actor, CancellationToken ct) =>
        database.Write(tx => disagreements.Resolve(tx, found, actor).AsTask(), ct);
}

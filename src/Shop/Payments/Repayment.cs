using Kontor.Foundation.Data;
using Kontor.Shop.Orders;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Payments;

/// <summary>
/// Pays back what was promised. A refund's key is its row's id, so that the provider pays once whoever asks and however often. Providers
/// forget keys after a day; from the second time on they are asked whether the refund exists before they are asked for it.
/// </summary>
internal sealed partial class Repayment(
    Database database, RefundBook refunds, PaymentProviders providers, ProviderMarks marks, ILogger<Repayment> logger)
{
    /// <summary>Refunds that fail stay promised, and are tried again when the payment is next looked at.</summary>
    public async Task PayBack(string paymentId, CancellationToken ct)
    {
        var (payment, pending) = await database.Read(async tx =>
        {
            var found = await PaymentBook.Find(tx, paymentId);
            return (found!, await RefundBook.Pending(tx, found!));
        }, ct);
        if (providers.Find(payment.Provider) is not { } provider) return;
        foreach (var refund in pending) await PayBack(provider, payment, refund, ct);
    }

    private async Task PayBack(IPaymentProvider provider, Payment payment, Refund refund, CancellationToken ct)
    {
        try
        {
            var theirs = refund.Attempts > 0 && provider is IOnlineProvider online
                ? await online.FindRefund(payment, refund, ct)
                : null;
            if (theirs is null)
            {
                await database.Write(tx => RefundBook.Asked(tx, refund).AsTask(), ct);
                theirs = await provider.Refund(payment, refund, await marks.Of(provider.Name, ct), ct);
            }

            await database.Write(tx => Record(tx, payment, refund, theirs), ct);
        }
        catch (ProviderException error)
        {
            LogFailed(refund.Id, payment.Id, error.Code);
            await database.Write(async tx =>
            {
                await OrderBook.Lock(tx, payment.OrderId, OrderAccess.Admin);
                await refunds.Failed(tx, payment, refund, error);
            }, ct);
        }
    }

    private async Task Record(Tx tx, Payment payment, Refund refund, ProviderRefund theirs)
    {
        await OrderBook.Lock(tx, payment.OrderId, OrderAccess.Admin);
        switch (theirs.Status)
        {
            case ProviderRefundStatus.Succeeded:
                await refunds.Succeeded(tx, payment, refund, theirs.Reference, Ledger.System);
                break;
            case ProviderRefundStatus.Failed or ProviderRefundStatus.Manual:
                await refunds.NeedsPerson(tx, payment, refund, theirs.Reference, theirs.Error);
                break;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Refund {RefundId} of payment {PaymentId} failed, and will be tried again: {Code}")]
    private partial void LogFailed(string refundId, string paymentId, string code);
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Orders;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Payments;

/// <summary>
/// Compares the provider's list with ours, both ways. What has one right answer is settled; what is left is written down with its cause,
/// for a person. A difference counts only if it is still there when both sides are asked again, because money moves meanwhile.
/// </summary>
internal sealed partial class Reconciliation(
    Database database, Settlement settlement, RefundBook refunds, Disagreements disagreements, ProviderMarks marks,
    IOptions<PaymentOptions> options, TimeProvider time, ILogger<Reconciliation> logger)
{
    private const long StuckMs = Clock.Hour;
    private const int RefundDaysFactor = 4;

    /// <summary>A payment that has just begun may be on one side only.</summary>
    private const long YoungMs = 10 * Clock.Minute;

    /// <exception cref="ProviderException">The provider did not answer; what was found so far is written down.</exception>
    public async Task Run(IOnlineProvider provider, CancellationToken ct)
    {
        var (begun, mark) = (time.NowMs(), await marks.Of(provider.Name, ct));
        var days = options.Value.ReconcileDays;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var theirs in provider.Payments(mark, begun - (days * Clock.Day), ct))
        {
            if (theirs.PaymentId is { } id) seen.Add(id);
            await Compare(provider, theirs, ct);
        }

        foreach (var ours in await database.Read(tx => Ours(tx, provider.Name, begun - (days * Clock.Day), begun), ct))
        {
            if (seen.Contains(ours.Id)) continue;
            await Note(Disagreement.Of(DisagreementCause.UnknownThere, ours) with { OursMinor = ours.CapturedMinor }, ct);
        }

        await foreach (var theirs in provider.Refunds(mark, begun - (days * RefundDaysFactor * Clock.Day), ct)) await Compare(theirs, ct);
        foreach (var ours in await database.Read(tx => Stuck(tx, provider.Name, begun - StuckMs), ct))
            await Note(Disagreement.Of(DisagreementCause.Stuck, ours) with { OursMinor = ours.AmountMinor }, ct);
        await database.Write(tx => disagreements.ResolveUnseen(tx, provider.Name, begun).AsTask(), ct);
    }

    private async Task Compare(IOnlineProvider provider, ProviderPayment theirs, CancellationToken ct)
    {
        var ours = theirs.PaymentId is { } id ? await Find(id, ct) : null;
        if (ours is null)
        {
            if (UnknownHere(provider, theirs) is { } unknown) await Note(unknown, ct);
            return;
        }

        if (Agrees(ours, theirs)) return;
        await Settle(ours.Id, ct);
        ours = (await Find(ours.Id, ct))!;
        if (ours.Reference is { } reference) theirs = await provider.Find(reference, ct);
        foreach (var difference in Differences(ours, theirs)) await Note(difference, ct);
    }

    /// <summary>A payment that cannot be settled now keeps the others from nothing; it is shown once it has waited for an hour.</summary>
    private async Task Settle(string paymentId, CancellationToken ct)
    {
        try
        {
            await settlement.Settle(paymentId, ct);
        }
        catch (ProviderException exception)
        {
            LogNotSettled(paymentId, exception.Code);
        }
    }

    /// <summary>Nothing to settle, and nothing to ask about.</summary>
    private static bool Agrees(Payment ours, ProviderPayment theirs) =>
        PaymentSteps.Next(ours.Stage, theirs.Status, ours.CapturedMinor > 0, ours.OwesRefund) is PaymentStep.Wait or PaymentStep.Done
        && !Differences(ours, theirs).Any();

    private static IEnumerable<Disagreement> Differences(Payment ours, ProviderPayment theirs)
    {
        if (ours.CapturedMinor > 0 && (theirs.CapturedMinor != ours.CapturedMinor || theirs.Currency != ours.Currency))
            yield return Differing(DisagreementCause.AmountDiffers, ours.CapturedMinor, theirs.CapturedMinor);
        // What is promised may be on its way; only what nobody here promised was paid back by somebody else.
        if (theirs.RefundedMinor > ours.RefundingMinor)
            yield return Differing(DisagreementCause.RefundedElsewhere, ours.RefundingMinor, theirs.RefundedMinor);
        if (theirs.IsDisputed)
            yield return Differing(DisagreementCause.Disputed, ours.CapturedMinor, theirs.CapturedMinor);

        Disagreement Differing(DisagreementCause cause, long oursMinor, long theirsMinor) =>
            Disagreement.Of(cause, ours) with { OursMinor = oursMinor, TheirsMinor = theirsMinor };
    }

    private static Disagreement? UnknownHere(IOnlineProvider provider, ProviderPayment theirs)
    {
        var minor = theirs.Status == ProviderStatus.Authorised ? theirs.AmountMinor : theirs.KeptMinor;
        return minor == 0 ? null : new(DisagreementCause.UnknownHere, provider.Name, theirs.Intent!, theirs.Currency)
        {
            TheirsMinor = minor,
            Detail = theirs.Status == ProviderStatus.Authorised ? "authorised" : "captured",
        };
    }

    /// <summary>A refund can fail weeks after the provider paid it: the account is closed, say. Then it is owed again.</summary>
    private async Task Compare(ProviderRefund theirs, CancellationToken ct)
    {
        if (theirs.RefundId is not { } id) return;
        var (refund, payment) = await database.Read(async tx =>
        {
            var found = await RefundBook.Find(tx, id);
            return (found, found is null ? null : await PaymentBook.Find(tx, found.PaymentId));
        }, ct);
        if (refund is null || payment is null) return;
        if (refund.Stage == RefundStatus.Pending && theirs.Status != ProviderRefundStatus.Pending) await Settle(payment.Id, ct);
        if (refund.Stage != RefundStatus.Succeeded || theirs.Status != ProviderRefundStatus.Failed) return;
        // What a person has transferred since is paid.
        if (refund.Reference != theirs.Reference) return;
        await database.Write(async tx =>
        {
            await OrderBook.Lock(tx, payment.OrderId, OrderAccess.Admin);
            await refunds.NeedsPerson(tx, payment, refund, theirs.Reference, theirs.Error);
        }, ct);
    }

    private Task<Payment?> Find(string id, CancellationToken ct) => database.Read(tx => PaymentBook.Find(tx, id).AsTask(), ct);

    private Task Note(Disagreement found, CancellationToken ct)
    {
        LogFound(found.Cause, found.Subject);
        return database.Write(tx => disagreements.Note(tx, found).AsTask(), ct);
    }

    private static Task<List<Payment>> Ours(Tx tx, string provider, long since, long now) => tx.Query<Payment>($"""
        SELECT {Payment.Columns} FROM shop_payments
        WHERE created_at BETWEEN @since AND @until AND provider = @provider
            AND (captured_minor > 0 OR state IN ('capturing', 'captured'))
        ORDER BY created_at
        LIMIT 100000
        """, new { provider, since = since + YoungMs, until = now - YoungMs }).AsTask();

    private static Task<List<Payment>> Stuck(Tx tx, string provider, long before) => tx.Query<Payment>($"""
        SELECT {Payment.Columns} FROM shop_payments
        WHERE due_at IS NOT NULL AND provider = @provider AND state IN ('capturing', 'releasing') AND changed_at < @before
        ORDER BY changed_at
        LIMIT 100
        """, new { provider, before }).AsTask();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Payment {PaymentId} could not be settled while it was compared: {Code}")]
    private partial void LogNotSettled(string paymentId, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Money disagrees: {Cause} of {Subject}")]
    private partial void LogFound(DisagreementCause cause, string subject);
}

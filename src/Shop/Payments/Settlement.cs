using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Shop.Orders;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Payments;

/// <summary>
/// Brings a payment as far as it can come: asks the provider how it stands, does what <see cref="PaymentSteps"/> says, and asks again until
/// there is nothing to do. The buyer's return, webhooks, the sweep and admins' buttons all call this one function, at once if need be:
/// each step is a conditional write or a call that the provider does once.
/// </summary>
internal sealed partial class Settlement(
    Database database, OrderBook orders, PaymentBook payments, Repayment repayment, PaymentProviders providers, PaymentLetters letters,
    Disagreements disagreements, ILogger<Settlement> logger)
{
    /// <summary>The longest way is three steps; more means that somebody changes the payment as fast as we do.</summary>
    private const int StepsMax = 8;

    /// <summary>The payment as it stands afterwards; null when there is none with this id.</summary>
    /// <exception cref="ProviderException">The provider could not be asked.</exception>
    public async Task<Payment?> Settle(string paymentId, CancellationToken ct)
    {
        Payment? ours = null;
        ProviderPayment? theirs = null;
        for (var i = 0; i < StepsMax; i++)
        {
            ours = await database.Read(tx => PaymentBook.Find(tx, paymentId).AsTask(), ct);
            if (ours is null) return null;
            if (providers.Find(ours.Provider) is not IOnlineProvider provider) break;
            // What is paid, and owes nothing, the provider need not be asked about.
            if (ours.Stage is PaymentState.Captured or PaymentState.New) break;
            theirs ??= await Ask(provider, ours, ct);
            var step = PaymentSteps.Next(ours.Stage, theirs.Status, isBooked: ours.CapturedMinor > 0, ours.OwesRefund);
            if (step is PaymentStep.Wait or PaymentStep.Done)
            {
                ours = await NoteError(ours, theirs, ct);
                break;
            }

            LogStep(ours.Id, ours.State, theirs.Status, step);
            theirs = await Take(step, provider, ours, theirs, ct);
        }

        if (ours is not { OwesRefund: true }) return ours;
        await repayment.PayBack(ours.Id, ct);
        return await database.Read(tx => PaymentBook.Find(tx, paymentId).AsTask(), ct);
    }

    private static Task<ProviderPayment> Ask(IOnlineProvider provider, Payment ours, CancellationToken ct) =>
        ours.Reference is { } reference ? provider.Find(reference, ct) : Task.FromResult(ProviderPayment.None);

    /// <returns>How the intent stands now, where that is known; null when it is to be asked.</returns>
    private async Task<ProviderPayment?> Take(
        PaymentStep step, IOnlineProvider provider, Payment ours, ProviderPayment theirs, CancellationToken ct)
    {
        switch (step)
        {
            case PaymentStep.Accept:
                await Accept(ours, theirs, ct);
                return theirs;
            case PaymentStep.Capture:
                return await Capture(provider, ours, ct);
            case PaymentStep.Book:
                await database.Write(tx => Book(tx, ours, theirs), ct);
                return theirs;
            case PaymentStep.Withdraw:
                await database.Write(tx => Withdraw(tx, ours, theirs), ct);
                return theirs;
            case PaymentStep.Cancel:
                await Cancel(provider, ours, theirs, ct);
                return null;
            case PaymentStep.GiveBack:
                await Locked(ours, async tx =>
                {
                    await payments.GaveBack(tx, ours, theirs);
                    await letters.Returned(tx, ours, theirs);
                }, ct);
                return theirs;
            case PaymentStep.Reopen:
                await Locked(ours, tx => payments.Released(tx, ours, theirs).AsTask(), ct);
                return theirs;
            case PaymentStep.Close:
                await Locked(ours, tx => payments.Closed(tx, ours, theirs).AsTask(), ct);
                return theirs;
            default:
                throw new ArgumentOutOfRangeException(nameof(step));
        }
    }

    private Task Locked(Payment ours, Func<Tx, Task> work, CancellationToken ct) => database.Write(async tx =>
    {
        await OrderBook.Lock(tx, ours.OrderId, OrderAccess.Admin);
        await work(tx);
    }, ct);

    /// <summary>
    /// The pieces are sold, now that their money is certain. Where that is not possible - the order's time is over, the pieces are gone,
    /// the amount is another - the order ends, and its money goes back with it.
    /// </summary>
    private async Task Accept(Payment ours, ProviderPayment theirs, CancellationToken ct)
    {
        var (_, problem) = await database.Write(tx => Sell(tx, ours, theirs), ct);
        if (problem is null) return;
        LogNotSold(ours.Id, problem.Code);
        await database.Write(tx => Refuse(tx, ours, theirs, problem), ct);
    }

    /// <summary>A problem undoes everything.</summary>
    private async Task<Outcome<bool>> Sell(Tx tx, Payment ours, ProviderPayment theirs)
    {
        var order = await OrderBook.Lock(tx, ours.OrderId, OrderAccess.Admin);
        // The second of two who settle at once finds it done, or the order ended by its buyer.
        if (!await payments.Accepted(tx, ours, theirs)) return false;
        if (order!.State != OrderStatus.Pending) throw new InvalidOperationException($"Order {order.Id} ended, and its payment did not.");
        if (!theirs.Has(ours)) return PaymentProviders.AmountRefused;
        if (orders.IsOverdue(order)) return OrderBook.TooLate;
        return await orders.TakeStock(tx, order) is { } problem ? problem : true;
    }

    /// <summary>Ends the order, unless somebody has taken the payment further meanwhile.</summary>
    private async Task Refuse(Tx tx, Payment ours, ProviderPayment theirs, Problem problem)
    {
        await OrderBook.Lock(tx, ours.OrderId, OrderAccess.Admin);
        if ((await PaymentBook.Find(tx, ours.Id))?.Stage != PaymentState.Open) return;
        var (to, reason) = problem switch
        {
            _ when problem == OrderBook.TooLate => (OrderStatus.Expired, OrderReasons.NotPaidInTime),
            _ when problem == PaymentProviders.AmountRefused => (OrderStatus.Cancelled, OrderReasons.AmountDiffers),
            _ => (OrderStatus.Cancelled, OrderReasons.SoldOut),
        };
        await orders.Move(tx, ours.OrderId, OrderAccess.Admin, to, reason, Ledger.System);
        if (problem != PaymentProviders.AmountRefused) return;
        await disagreements.Note(tx, Disagreement.Of(DisagreementCause.AmountDiffers, ours) with
        {
            OursMinor = ours.AmountMinor,
            TheirsMinor = theirs.AmountMinor,
            Detail = theirs.Currency,
        });
    }

    private async Task<ProviderPayment?> Capture(IOnlineProvider provider, Payment ours, CancellationToken ct)
    {
        try
        {
            return await provider.Capture(ours, ct);
        }
        catch (ProviderException refused) when (refused.IsRefusal)
        {
            // Somebody else captured it, or it was let go: how it stands says which.
            LogRefused(ours.Id, "capture", refused.Code);
            return null;
        }
    }

    private async Task Book(Tx tx, Payment ours, ProviderPayment theirs)
    {
        await OrderBook.Lock(tx, ours.OrderId, OrderAccess.Admin);
        if (!await payments.Booked(tx, ours, theirs)) return;
        var (_, problem) = await orders.Move(tx, ours.OrderId, OrderAccess.Admin, OrderStatus.Paid, reason: null, Ledger.System);
        if (problem is null) return;
        // Less was taken than the order costs, which only somebody else can have done. The order cannot be filled.
        await orders.Move(tx, ours.OrderId, OrderAccess.Admin, OrderStatus.Cancelled, OrderReasons.AmountDiffers, Ledger.System);
    }

    private async Task Withdraw(Tx tx, Payment ours, ProviderPayment theirs)
    {
        await OrderBook.Lock(tx, ours.OrderId, OrderAccess.Admin);
        if (!await payments.Closed(tx, ours, theirs)) return;
        await orders.Move(tx, ours.OrderId, OrderAccess.Admin, OrderStatus.Cancelled, OrderReasons.Withdrawn, Ledger.System);
    }

    private async Task Cancel(IOnlineProvider provider, Payment ours, ProviderPayment theirs, CancellationToken ct)
    {
        if (theirs.Status == ProviderStatus.Authorised)
        {
            await Locked(ours, async tx =>
            {
                await payments.Authorised(tx, ours, theirs);
                await letters.Returned(tx, ours, theirs);
            }, ct);
        }

        try
        {
            await provider.Cancel(ours, theirs, ct);
        }
        catch (ProviderException refused) when (refused.IsRefusal)
        {
            // The buyer was quicker: how it stands now says what is left to do.
            LogRefused(ours.Id, "cancel", refused.Code);
        }
    }

    /// <summary>Why the buyer's last attempt failed, if it did.</summary>
    private async Task<Payment> NoteError(Payment ours, ProviderPayment theirs, CancellationToken ct)
    {
        if (ours.Stage != PaymentState.Open || theirs.Error is not { } error || error == ours.LastError) return ours;
        await database.Write(tx => PaymentBook.Note(tx, ours, error).AsTask(), ct);
        return ours with { LastError = error };
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Payment {PaymentId} is {Ours} here and {Theirs} there: {Step}")]
    private partial void LogStep(string paymentId, string ours, ProviderStatus theirs, PaymentStep step);

    [LoggerMessage(Level = LogLevel.Information, Message = "The money of payment {PaymentId} goes back: {Code}")]
    private partial void LogNotSold(string paymentId, string code);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The provider refused to {Action} payment {PaymentId}: {Code}")]
    private partial void LogRefused(string paymentId, string action, string code);
}

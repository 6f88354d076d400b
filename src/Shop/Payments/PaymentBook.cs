using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Orders;

namespace Kontor.Shop.Payments;

/// <summary>
/// The payments of orders. Only this class and <see cref="RefundBook"/> write `shop_payments`, `shop_refunds` and `shop_payment_ledger`.
/// An order's row is the lock of its payments: whoever changes one has locked its order first. Each step is a conditional UPDATE that
/// answers whether it was this caller who took it.
/// </summary>
internal sealed class PaymentBook(RefundBook refunds, TimeProvider time)
{
    /// <summary>Raised when a payment is to be looked at now.</summary>
    public const string Signal = "shop.payments";

    /// <summary>How long the buyer is left alone before the provider is asked whether the webhook was lost.</summary>
    private const long FirstLookMs = 30 * Clock.Second;

    public static readonly Problem Outstanding = new(409, "payment-outstanding", "This order is paid online, and its money has not come.");

    public static ValueTask<Payment?> Find(Tx tx, string id) =>
        tx.First<Payment>($"SELECT {Payment.Columns} FROM shop_payments WHERE id = @id", new { id });

    /// <summary>The payments of these orders, the oldest first.</summary>
    public static async ValueTask<ILookup<string, Payment>> Of(Tx tx, string[] orderIds) => (await tx.Query<Payment>($"""
        SELECT {Payment.Columns} FROM shop_payments
        WHERE order_id {tx.Dialect.In("orderIds")}
        ORDER BY order_id, created_at
        """, new { orderIds })).ToLookup(payment => payment.OrderId);

    /// <summary>The one attempt that can take money for this order; null when there is none.</summary>
    public static ValueTask<Payment?> Live(Tx tx, string orderId) => tx.First<Payment>($"""
        SELECT {Payment.Columns} FROM shop_payments
        WHERE order_id = @orderId AND state IN ('new', 'open', 'capturing', 'captured')
        """, new { orderId });

    /// <summary>An attempt at a provider begins.</summary>
    public ValueTask<Payment?> Begin(Tx tx, Order order, string provider) => Insert(tx, order, provider, PaymentState.New, 0);

    /// <summary>
    /// Whether the order's money is there, so that it may be called paid. The money for an invoice is there because the caller says so.
    /// </summary>
    public async ValueTask<Problem?> Pay(Tx tx, Order order, string actor)
    {
        var live = await Live(tx, order.Id);
        if (!order.IsPaidOnline && live is null)
        {
            var payment = await Insert(tx, order, order.PaymentMethod, PaymentState.Captured, order.TotalMinor);
            await refunds.Note(tx, payment!, MoneyMovement.Captured, order.TotalMinor, actor);
            return null;
        }

        return live?.CapturedMinor == order.TotalMinor ? null : Outstanding;
    }

    /// <summary>The buyer may be told where to pay.</summary>
    public async ValueTask<bool> Opened(Tx tx, string id, ProviderPayment theirs) => await tx.Execute("""
        UPDATE shop_payments SET state = 'open', reference = @reference, url = @url, due_at = @dueAt, changed_at = @now
        WHERE id = @id AND state = 'new'
        """, new { id, reference = theirs.Reference, url = theirs.Url, dueAt = time.NowMs() + FirstLookMs, now = time.NowMs() }) == 1;

    /// <summary>The money is authorised, and the pieces are sold in this transaction.</summary>
    public async ValueTask<bool> Accepted(Tx tx, Payment payment, ProviderPayment theirs)
    {
        if (!await Move(tx, payment, PaymentState.Open, PaymentState.Capturing, theirs)) return false;
        await Authorised(tx, payment, theirs);
        return true;
    }

    /// <summary>The buyer's bank has set the money aside; false when that was written down before.</summary>
    public ValueTask<bool> Authorised(Tx tx, Payment payment, ProviderPayment theirs) =>
        refunds.NoteOnce(tx, payment, MoneyMovement.Authorised, theirs.AmountMinor);

    /// <summary>The money is ours.</summary>
    public async ValueTask<bool> Booked(Tx tx, Payment payment, ProviderPayment theirs)
    {
        if (!await Move(tx, payment, PaymentState.Capturing, PaymentState.Captured, theirs)) return false;
        await refunds.Captured(tx, payment, theirs.CapturedMinor);
        return true;
    }

    /// <summary>The order ended, so that whatever money comes is to go back.</summary>
    public async ValueTask<bool> Released(Tx tx, Payment payment, ProviderPayment? theirs = null) =>
        await Move(tx, payment, payment.Stage, PaymentState.Releasing, theirs);

    /// <summary>Money came for an order that had ended: it is written down, and promised back, both once.</summary>
    public async ValueTask GaveBack(Tx tx, Payment payment, ProviderPayment theirs)
    {
        if (!await refunds.CapturedLate(tx, payment, theirs)) return;
        // What somebody paid back at the provider's own pages has gone already.
        if (theirs.RefundedMinor > 0) await refunds.Record(tx, payment, theirs.RefundedMinor, theirs.RefundedMinor, Ledger.System);
        if (theirs.KeptMinor > 0) await refunds.Promise(tx, payment, theirs.KeptMinor, RefundBook.EndKey, reason: null, Ledger.System);
    }

    /// <summary>Nothing will come of it any more.</summary>
    public async ValueTask<bool> Closed(Tx tx, Payment payment, ProviderPayment theirs)
    {
        if (!await Move(tx, payment, payment.Stage, PaymentState.Closed, theirs)) return false;
        if (payment.CapturedMinor == 0) await refunds.NoteReleased(tx, payment);
        return true;
    }

    /// <summary>The order ends in this transaction: money that came is promised back, and what may come is waited for no more.</summary>
    public async ValueTask End(Tx tx, Order order, string? reason, string actor)
    {
        if (await Live(tx, order.Id) is not { } payment) return;
        switch (payment.Stage)
        {
            case PaymentState.New:
                await Move(tx, payment, PaymentState.New, PaymentState.Closed, theirs: null);
                break;
            case PaymentState.Captured when payment.RefundableMinor > 0:
                await refunds.Promise(tx, payment, payment.RefundableMinor, RefundBook.EndKey, reason, actor);
                break;
            case PaymentState.Open or PaymentState.Capturing:
                await Released(tx, payment);
                break;
        }
    }

    /// <summary>Why the buyer's attempt failed, for the page on which they may try again.</summary>
    public static ValueTask<int> Note(Tx tx, Payment payment, string error) => tx.Execute(
        "UPDATE shop_payments SET last_error = @error WHERE id = @id", new { id = payment.Id, error });

    private async ValueTask<bool> Move(Tx tx, Payment payment, PaymentState from, PaymentState to, ProviderPayment? theirs)
    {
        var now = time.NowMs();
        long? dueAt = to switch
        {
            // Whoever sold the pieces goes on at once; should they die, it is looked at again.
            PaymentState.Capturing => now + FirstLookMs,
            PaymentState.Releasing => now,
            _ => null,
        };
        var moved = await tx.Execute("""
            UPDATE shop_payments
            SET state = @to, intent = COALESCE(@intent, intent), last_error = @error, due_at = @dueAt, changed_at = @now
            WHERE id = @id AND state = @from
            """, new
        {
            id = payment.Id,
            from = Payment.Text(from),
            to = Payment.Text(to),
            intent = theirs?.Intent,
            error = theirs?.Error,
            dueAt,
            now,
        });
        if (moved == 1 && dueAt == now) tx.Signal(Signal);
        return moved == 1;
    }

    private ValueTask<Payment?> Insert(
        Tx tx, Order order, string provider, PaymentState state, long capturedMinor) => tx.First<Payment>($"""
        INSERT INTO shop_payments (
            id, order_id, provider, state, amount_minor, currency, captured_minor, created_at, changed_at)
        VALUES (@id, @orderId, @provider, @state, @amountMinor, @currency, @capturedMinor, @now, @now)
        RETURNING {Payment.Columns}
        """, new
        {
            id = Ids.New(time),
            orderId = order.Id,
            provider,
            state = Payment.Text(state),
            amountMinor = order.TotalMinor,
            currency = order.Currency,
            capturedMinor,
            now = time.NowMs(),
        });
}

using System.Globalization;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Invoices;

namespace Kontor.Shop.Payments;

/// <summary>A kind of movement in the ledger of money.</summary>
internal enum MoneyMovement
{
    /// <summary>A buyer's bank set it aside for us.</summary>
    Authorised,

    /// <summary>What was set aside was let go.</summary>
    Released,

    Captured,
    Refunded,

    /// <summary>A refund that had been paid came back.</summary>
    Bounced,
}

/// <summary>
/// Money that goes back, and the ledger of all money. A refund is promised by one conditional UPDATE, which cannot promise more than was
/// taken, and by a key that is unique within its payment, so that a button that is pressed twice promises once.
/// </summary>
internal sealed class RefundBook(Disagreements disagreements, InvoiceBook invoices, TimeProvider time)
{
    /// <summary>What the end of an order gives back; it ends once.</summary>
    public const string EndKey = "order";

    /// <summary>In place of a provider's reference, where a person has transferred the money.</summary>
    public const string ByHand = "by-hand";

    public static readonly Problem TooLarge = new(409, "refund-too-large", "There is not so much left to pay back.");

    public static async ValueTask<List<Refund>> Of(Tx tx, string orderId) => await tx.Query<Refund>($"""
        SELECT {Refund.Columns} FROM shop_refunds
        WHERE order_id = @orderId
        ORDER BY created_at, id
        LIMIT 200
        """, new { orderId });

    public static async ValueTask<List<Refund>> Pending(Tx tx, Payment payment) => await tx.Query<Refund>($"""
        SELECT {Refund.Columns} FROM shop_refunds
        WHERE order_id = @orderId AND payment_id = @paymentId AND state = 'pending'
        ORDER BY created_at, id
        LIMIT 100
        """, new { orderId = payment.OrderId, paymentId = payment.Id });

    public static ValueTask<Refund?> Find(Tx tx, string id) =>
        tx.First<Refund>($"SELECT {Refund.Columns} FROM shop_refunds WHERE id = @id", new { id });

    /// <summary>
    /// Promises money back. A key that promised before promises nothing, and answers the earlier refund, whatever amount is given now.
    /// </summary>
    public async ValueTask<Outcome<Refund>> Promise(
        Tx tx, Payment payment, long amountMinor, string key, string? reason, string actor)
    {
        if (await Earlier(tx, payment, key) is { } earlier) return earlier;
        var promised = await tx.Execute("""
            UPDATE shop_payments SET refunding_minor = refunding_minor + @amountMinor, due_at = @now
            WHERE id = @id AND captured_minor - refunding_minor >= @amountMinor
            """, new { id = payment.Id, amountMinor, now = time.NowMs() });
        if (promised == 0) return TooLarge.With("refundable", await Refundable(tx, payment));
        tx.Signal(PaymentBook.Signal);
        return await Insert(tx, payment, amountMinor, key, RefundStatus.Pending, reason, actor);
    }

    /// <summary>Money that has gone back already, by the provider's own pages.</summary>
    /// <param name="theirsMinor">What has gone back in all, as the provider says: by it the same refund is known again.</param>
    public async ValueTask<bool> Record(Tx tx, Payment payment, long amountMinor, long theirsMinor, string actor)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"elsewhere:{theirsMinor}");
        if (await Earlier(tx, payment, key) is not null) return false;
        var recorded = await tx.Execute("""
            UPDATE shop_payments SET refunding_minor = refunding_minor + @amountMinor, refunded_minor = refunded_minor + @amountMinor
            WHERE id = @id AND captured_minor - refunding_minor >= @amountMinor
            """, new { id = payment.Id, amountMinor });
        if (recorded == 0) return false;
        var refund = await Insert(tx, payment, amountMinor, key, RefundStatus.Succeeded, reason: null, actor);
        await Note(tx, payment, MoneyMovement.Refunded, amountMinor, actor, refund.Id);
        return true;
    }

    /// <summary>The money is with the buyer's bank.</summary>
    public async ValueTask<bool> Succeeded(Tx tx, Payment payment, Refund refund, string? reference, string actor)
    {
        var paid = await tx.Execute("""
            UPDATE shop_refunds SET state = 'succeeded', reference = COALESCE(@reference, reference), last_error = NULL, done_at = @now
            WHERE id = @id AND state IN ('pending', 'manual')
            """, new { id = refund.Id, reference, now = time.NowMs() });
        if (paid == 0) return false;
        await tx.Execute("""
            UPDATE shop_payments SET refunded_minor = refunded_minor + @amountMinor, due_at = @now
            WHERE id = @id
            """, new { id = payment.Id, amountMinor = refund.AmountMinor, now = time.NowMs() });
        await Note(tx, payment, MoneyMovement.Refunded, refund.AmountMinor, actor, refund.Id);
        await disagreements.Resolve(tx, payment.Provider, refund.Id, actor);
        // What waited for this refund can end now.
        tx.Signal(PaymentBook.Signal);
        return true;
    }

    /// <summary>No machine will pay this back: a person has to, and finds it among the money that waits for somebody.</summary>
    /// <param name="error">The provider's code; null where a person always does it.</param>
    public async ValueTask NeedsPerson(Tx tx, Payment payment, Refund refund, string? reference, string? error)
    {
        var bounced = refund.Stage == RefundStatus.Succeeded;
        var changed = await tx.Execute("""
            UPDATE shop_refunds SET state = 'manual', reference = COALESCE(@reference, reference), last_error = @error, done_at = NULL
            WHERE id = @id AND state = @state
            """, new { id = refund.Id, state = refund.State, reference, error });
        if (changed == 0) return;
        if (bounced)
        {
            await tx.Execute("UPDATE shop_payments SET refunded_minor = refunded_minor - @amountMinor WHERE id = @id", new
            {
                id = payment.Id,
                amountMinor = refund.AmountMinor,
            });
            await Note(tx, payment, MoneyMovement.Bounced, refund.AmountMinor, Ledger.System, refund.Id);
        }

        await disagreements.Note(tx, Disagreement.Of(DisagreementCause.RefundByHand, payment, refund.Id) with
        {
            OursMinor = refund.AmountMinor,
            Detail = error,
        });
    }

    /// <summary>The provider is about to be asked, so that from now on the refund may exist there.</summary>
    public static ValueTask<int> Asked(Tx tx, Refund refund) => tx.Execute(
        "UPDATE shop_refunds SET attempts = attempts + 1 WHERE id = @id", new { id = refund.Id });

    /// <summary>The provider said no, or nothing; it will be asked again.</summary>
    public async ValueTask Failed(Tx tx, Payment payment, Refund refund, ProviderException error)
    {
        await tx.Execute("""
            UPDATE shop_refunds SET refusals = refusals + @refused, last_error = @error
            WHERE id = @id AND state = 'pending'
            """, new { id = refund.Id, refused = error.IsRefusal ? 1 : 0, error = error.Code });
        if (!error.IsRefusal) return;
        await disagreements.Note(tx, Disagreement.Of(DisagreementCause.RefundRefused, payment, refund.Id) with
        {
            OursMinor = refund.AmountMinor,
            Detail = error.Code,
        });
    }

    /// <summary>Money paid an order.</summary>
    public async ValueTask Captured(Tx tx, Payment payment, long capturedMinor)
    {
        await tx.Execute("""
            UPDATE shop_payments SET captured_minor = @capturedMinor
            WHERE id = @id
            """, new { id = payment.Id, capturedMinor });
        await Note(tx, payment, MoneyMovement.Captured, capturedMinor, Ledger.System);
    }

    /// <summary>False when it is written down already.</summary>
    public async ValueTask<bool> CapturedLate(Tx tx, Payment payment, ProviderPayment theirs)
    {
        var booked = await tx.Execute("""
            UPDATE shop_payments SET captured_minor = @capturedMinor, intent = COALESCE(@intent, intent), due_at = @now
            WHERE id = @id AND state = 'releasing' AND captured_minor = 0
            """, new { id = payment.Id, capturedMinor = theirs.CapturedMinor, intent = theirs.Intent, now = time.NowMs() });
        if (booked == 0) return false;
        await Note(tx, payment, MoneyMovement.Captured, theirs.CapturedMinor, Ledger.System);
        return true;
    }

    public ValueTask<int> Note(
        Tx tx, Payment payment, MoneyMovement kind, long amountMinor, string actor, string? refundId = null) =>
        Note(tx, payment, kind, amountMinor, actor, refundId, "true");

    /// <summary>False when a movement of this kind was written down before.</summary>
    public async ValueTask<bool> NoteOnce(Tx tx, Payment payment, MoneyMovement kind, long amountMinor) => await Note(
        tx, payment, kind, amountMinor, Ledger.System, refundId: null,
        "NOT EXISTS (SELECT 1 FROM shop_payment_ledger WHERE payment_id = @paymentId AND kind = @kind)") == 1;

    /// <summary>What was authorised, if anything was, is the buyer's again.</summary>
    public ValueTask<int> NoteReleased(Tx tx, Payment payment) => Note(
        tx, payment, MoneyMovement.Released, payment.AmountMinor, Ledger.System, refundId: null, """
        EXISTS (SELECT 1 FROM shop_payment_ledger WHERE payment_id = @paymentId AND kind = 'authorised')
            AND NOT EXISTS (SELECT 1 FROM shop_payment_ledger WHERE payment_id = @paymentId AND kind = @kind)
        """);

    private ValueTask<int> Note(
        Tx tx, Payment payment, MoneyMovement kind, long amountMinor, string actor, string? refundId, string condition) => tx.Execute($"""
        INSERT INTO shop_payment_ledger (payment_id, order_id, kind, amount_minor, currency, refund_id, actor, at)
        SELECT @paymentId, @orderId, @kind, @amountMinor, @currency, @refundId, @actor, @at
        WHERE {condition}
        """, new
        {
            paymentId = payment.Id,
            orderId = payment.OrderId,
            kind = Text(kind),
            amountMinor,
            currency = payment.Currency,
            refundId,
            actor,
            at = time.NowMs(),
        });

    private static string Text(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());

    private static ValueTask<Refund?> Earlier(Tx tx, Payment payment, string key) => tx.First<Refund>($"""
        SELECT {Refund.Columns} FROM shop_refunds
        WHERE payment_id = @paymentId AND request_key = @key
        """, new { paymentId = payment.Id, key });

    private static async ValueTask<decimal> Refundable(Tx tx, Payment payment)
    {
        var fresh = await PaymentBook.Find(tx, payment.Id);
        return new Money(fresh!.RefundableMinor, fresh.Currency).Major;
    }

    /// <summary>With the credit note, where the order has an invoice.</summary>
    private async ValueTask<Refund> Insert(
        Tx tx, Payment payment, long amountMinor, string key, RefundStatus state, string? reason, string actor)
    {
        var refund = await tx.First<Refund>($"""
            INSERT INTO shop_refunds (
                id, payment_id, order_id, request_key, amount_minor, currency, state, reason, actor, created_at, done_at)
            VALUES (
                @id, @paymentId, @orderId, @key, @amountMinor, @currency, @state, @reason, @actor, @now, @doneAt)
            RETURNING {Refund.Columns}
            """, new
        {
            id = Ids.New(time),
            paymentId = payment.Id,
            orderId = payment.OrderId,
            key,
            amountMinor,
            currency = payment.Currency,
            state = Text(state),
            reason,
            actor,
            now = time.NowMs(),
            doneAt = state == RefundStatus.Succeeded ? time.NowMs() : (long?)null,
        });
        await invoices.Credit(tx, payment.OrderId, refund!.Id, amountMinor);
        return refund;
    }
}

using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Payments;

/// <summary>Why money waits for somebody.</summary>
public enum DisagreementCause
{
    /// <summary>Money is promised back that no provider pays back by itself: somebody has to transfer it.</summary>
    RefundByHand,

    /// <summary>The provider refuses to pay back; it is asked again by itself, ever less often.</summary>
    RefundRefused,

    /// <summary>A step that takes seconds has not been done for an hour.</summary>
    Stuck,

    /// <summary>The provider does not know a payment that it took for us: it may belong to another account.</summary>
    UnknownThere,

    /// <summary>The provider keeps money of this shop for a payment that the shop does not know, as after a restored backup.</summary>
    UnknownHere,

    /// <summary>What the provider took is not what the payment says.</summary>
    AmountDiffers,

    /// <summary>More went back than the shop knows: somebody used the provider's own pages.</summary>
    RefundedElsewhere,

    /// <summary>The buyer's bank has taken the money back, or asks for it.</summary>
    Disputed,
}

/// <summary>The one thing that can be done about a disagreement without making it worse.</summary>
public enum DisagreementAction
{
    /// <summary>Somebody has transferred the money.</summary>
    Transferred,

    /// <summary>Do the step that is due, now.</summary>
    TryAgain,

    /// <summary>Pay back what the provider keeps.</summary>
    GiveBack,

    /// <summary>Write down the refund that was made elsewhere.</summary>
    RecordRefund,

    /// <summary>Somebody has looked into it; it is not shown again unless the amounts change.</summary>
    Dismiss,
}

/// <summary>Something that is wrong about money.</summary>
/// <param name="Subject">What it is about: a refund, a payment, or an intent that only the provider knows.</param>
internal sealed record Disagreement(DisagreementCause Cause, string Provider, string Subject, string Currency)
{
    public string? PaymentId { get; init; }

    public string? OrderId { get; init; }

    public long? OursMinor { get; init; }

    public long? TheirsMinor { get; init; }

    /// <summary>The provider's words.</summary>
    public string? Detail { get; init; }

    public static Disagreement Of(DisagreementCause cause, Payment payment, string? subject = null) =>
        new(cause, payment.Provider, subject ?? payment.Id, payment.Currency) { PaymentId = payment.Id, OrderId = payment.OrderId };
}

/// <summary>A disagreement's row.</summary>
internal sealed record OpenDisagreement(
    string Id,
    string Provider,
    string Cause,
    string Subject,
    string? PaymentId,
    string? OrderId,
    long? OursMinor,
    long? TheirsMinor,
    string Currency,
    string? Detail,
    long FoundAt)
{
    public DisagreementCause Why => Enum.Parse<DisagreementCause>(Cause.Replace("-", "", StringComparison.Ordinal), ignoreCase: true);

    public DisagreementAction Action => Why switch
    {
        DisagreementCause.RefundByHand => DisagreementAction.Transferred,
        DisagreementCause.RefundRefused or DisagreementCause.Stuck => DisagreementAction.TryAgain,
        DisagreementCause.UnknownHere => DisagreementAction.GiveBack,
        DisagreementCause.RefundedElsewhere => DisagreementAction.RecordRefund,
        _ => DisagreementAction.Dismiss,
    };
}

/// <summary>The money that disagrees, or waits for a person. Only this class writes `shop_disagreements`.</summary>
internal sealed class Disagreements(TimeProvider time)
{
    private const string Columns =
        "id, provider, cause, subject, payment_id, order_id, ours_minor, theirs_minor, currency, detail, found_at";

    public static readonly Problem Unknown = new(404, "not-found", "There is no such disagreement, or it is settled.");

    /// <summary>Those that nobody has settled, the oldest first.</summary>
    public static async ValueTask<List<OpenDisagreement>> Open(Tx tx, int limit) => await tx.Query<OpenDisagreement>($"""
        SELECT {Columns} FROM shop_disagreements
        WHERE resolved_at IS NULL
        ORDER BY found_at, id
        LIMIT @limit
        """, new { limit });

    public static ValueTask<OpenDisagreement?> Find(Tx tx, string id) => tx.First<OpenDisagreement>($"""
        SELECT {Columns} FROM shop_disagreements
        WHERE id = @id AND resolved_at IS NULL
        """, new { id });

    /// <summary>
    /// Writes one down, or finds it again. What a person has dismissed stays so while its amounts are the same; what had settled itself is
    /// open again.
    /// </summary>
    public ValueTask<int> Note(Tx tx, Disagreement found) => tx.Execute("""
        INSERT INTO shop_disagreements (
            id, provider, cause, subject, payment_id, order_id, ours_minor, theirs_minor, currency, detail, found_at, seen_at)
        VALUES (
            @id, @provider, @cause, @subject, @paymentId, @orderId, @oursMinor, @theirsMinor, @currency, @detail, @now, @now)
        ON CONFLICT (provider, cause, subject) DO UPDATE SET
            resolved_at = CASE
                WHEN shop_disagreements.resolved_by = 'system'
                    OR COALESCE(shop_disagreements.ours_minor, -1) <> COALESCE(excluded.ours_minor, -1)
                    OR COALESCE(shop_disagreements.theirs_minor, -1) <> COALESCE(excluded.theirs_minor, -1)
                THEN NULL ELSE shop_disagreements.resolved_at END,
            ours_minor = excluded.ours_minor,
            theirs_minor = excluded.theirs_minor,
            detail = excluded.detail,
            seen_at = excluded.seen_at
        """, new
    {
        id = Ids.New(time),
        provider = found.Provider,
        cause = Text(found.Cause),
        subject = found.Subject,
        paymentId = found.PaymentId,
        orderId = found.OrderId,
        oursMinor = found.OursMinor,
        theirsMinor = found.TheirsMinor,
        currency = found.Currency,
        detail = found.Detail,
        now = time.NowMs(),
    });

    /// <summary>Whatever was wrong about this is settled.</summary>
    public ValueTask<int> Resolve(Tx tx, string provider, string subject, string actor) => tx.Execute("""
        UPDATE shop_disagreements SET resolved_at = @now, resolved_by = @actor
        WHERE provider = @provider AND subject = @subject AND resolved_at IS NULL
        """, new { provider, subject, actor, now = time.NowMs() });

    public ValueTask<int> Resolve(Tx tx, OpenDisagreement found, string actor) => tx.Execute("""
        UPDATE shop_disagreements SET resolved_at = @now, resolved_by = @actor
        WHERE id = @id AND resolved_at IS NULL
        """, new { id = found.Id, actor, now = time.NowMs() });

    /// <summary>What a comparison finds anew each time, and did not find this time, has settled itself.</summary>
    /// <param name="since">When the comparison began.</param>
    public ValueTask<int> ResolveUnseen(Tx tx, string provider, long since) => tx.Execute("""
        UPDATE shop_disagreements SET resolved_at = @now, resolved_by = 'system'
        WHERE provider = @provider AND resolved_at IS NULL AND seen_at < @since
            AND cause NOT IN ('refund-by-hand', 'refund-refused', 'amount-differs')
        """, new { provider, since, now = time.NowMs() });

    public static string Text(Enum value) => JsonNamingPolicy.KebabCaseLower.ConvertName(value.ToString());
}

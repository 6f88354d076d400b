using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Shop.Payments;

/// <summary>A payment's sums are those of the ledger of money, and its promises those of its refunds.</summary>
internal sealed class PaymentsMatchLedger(Database database) : IInvariant
{
    public string Name => "shop-payment-ledger";

    public async Task<IReadOnlyList<string>> Violations(CancellationToken ct) => await database.Read(tx => tx.Query<string>("""
        SELECT 'Payment ' || p.id || ' has taken ' || p.captured_minor
            || ' and paid back ' || p.refunded_minor || ' of ' || p.refunding_minor
            || '; its ledger says ' || COALESCE(l.captured, 0) || ' and ' || COALESCE(l.refunded, 0)
            || ', its refunds ' || COALESCE(r.refunding, 0) || '.'
        FROM shop_payments p
        LEFT JOIN (
            SELECT payment_id,
                SUM(CASE WHEN kind = 'captured' THEN amount_minor ELSE 0 END) AS captured,
                SUM(CASE kind WHEN 'refunded' THEN amount_minor WHEN 'bounced' THEN -amount_minor ELSE 0 END) AS refunded
            FROM shop_payment_ledger
            GROUP BY payment_id
        ) l ON l.payment_id = p.id
        LEFT JOIN (
            SELECT payment_id,
                SUM(amount_minor) AS refunding,
                SUM(CASE WHEN state = 'succeeded' THEN amount_minor ELSE 0 END) AS refunded
            FROM shop_refunds
            GROUP BY payment_id
        ) r ON r.payment_id = p.id
        WHERE p.captured_minor <> COALESCE(l.captured, 0)
            OR p.refunded_minor <> COALESCE(l.refunded, 0)
            OR p.refunded_minor <> COALESCE(r.refunded, 0)
            OR p.refunding_minor <> COALESCE(r.refunding, 0)
            OR p.refunded_minor NOT BETWEEN 0 AND p.refunding_minor
            OR p.refunding_minor > p.captured_minor
        LIMIT 100
        """).AsTask(), ct);
}

/// <summary>
/// An order that is paid has exactly its total; one that is not, or ended, keeps nothing: what came is promised back in the same commit in
/// which the order ends.
/// </summary>
internal sealed class OrdersMatchPayments(Database database) : IInvariant
{
    public string Name => "shop-orders-payments";

    public async Task<IReadOnlyList<string>> Violations(CancellationToken ct) => await database.Read(tx => tx.Query<string>("""
        SELECT 'Order ' || o.id || ' is ' || o.status || ' and costs ' || o.total_minor
            || '; ' || COALESCE(p.captured, 0) || ' came and ' || COALESCE(p.refunding, 0) || ' goes back.'
        FROM shop_orders o
        LEFT JOIN (
            SELECT order_id,
                SUM(CASE WHEN state = 'captured' THEN captured_minor ELSE 0 END) AS paid,
                SUM(captured_minor) AS captured,
                SUM(refunding_minor) AS refunding
            FROM shop_payments
            GROUP BY order_id
        ) p ON p.order_id = o.id
        WHERE CASE
            WHEN o.status IN ('paid', 'shipped', 'delivered') THEN COALESCE(p.paid, 0) <> o.total_minor
            WHEN o.status = 'refunded' THEN COALESCE(p.paid, 0) <> o.total_minor OR p.captured <> p.refunding
            ELSE COALESCE(p.captured, 0) <> COALESCE(p.refunding, 0) END
        LIMIT 100
        """).AsTask(), ct);
}

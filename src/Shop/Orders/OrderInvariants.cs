using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Shop.Orders;

/// <summary>
/// Each order's lines are exactly its movements of stock: what was taken and is not on the shelf again has left it once.
/// </summary>
internal sealed class OrdersMatchLedger(Database database) : IInvariant
{
    public string Name => "shop-orders-ledger";

    public async Task<IReadOnlyList<string>> Violations(CancellationToken ct) => await database.Read(tx => tx.Query<string>("""
        SELECT 'Order ' || x.order_id || ' and the ledger differ by ' || SUM(x.quantity) || ' pieces of product ' || x.product_id || '.'
        FROM (
            SELECT l.order_id, l.product_id, CASE WHEN o.stock_taken AND NOT o.stock_returned
                THEN l.quantity - l.returned + l.written_off ELSE 0 END AS quantity
            FROM shop_order_lines l JOIN shop_orders o ON o.id = l.order_id
            UNION ALL
            SELECT order_id, product_id, on_hand_delta FROM shop_ledger WHERE order_id IS NOT NULL
        ) x
        GROUP BY x.order_id, x.product_id
        HAVING SUM(x.quantity) <> 0
        LIMIT 100
        """).AsTask(), ct);
}

/// <summary>An order's goods are the sum of its lines, and its total is what they cost less the discount and with shipping.</summary>
internal sealed class OrderTotalsAddUp(Database database) : IInvariant
{
    public string Name => "shop-order-totals";

    public async Task<IReadOnlyList<string>> Violations(CancellationToken ct) => await database.Read(tx => tx.Query<string>("""
        SELECT 'Order ' || o.id || ' has goods of ' || o.goods_minor || ' and a total of ' || o.total_minor
            || '; its lines are ' || COALESCE(l.total, 0) || '.'
        FROM shop_orders o
        LEFT JOIN (
            SELECT order_id, SUM(quantity * price_minor) AS total
            FROM shop_order_lines
            GROUP BY order_id
        ) l ON l.order_id = o.id
        WHERE o.goods_minor <> COALESCE(l.total, 0) OR o.total_minor <> o.goods_minor - o.discount_minor + o.shipping_minor
        LIMIT 100
        """).AsTask(), ct);
}

/// <summary>What a line says has come back is the sum of the order's returns.</summary>
internal sealed class ReturnsAddUp(Database database) : IInvariant
{
    public string Name => "shop-returns";

    public async Task<IReadOnlyList<string>> Violations(CancellationToken ct) => await database.Read(tx => tx.Query<string>("""
        SELECT 'Of order ' || x.order_id || ' and product ' || x.product_id || ' the line and the returns differ by '
            || SUM(x.returned) || ' pieces that came back, and ' || SUM(x.written_off) || ' that were written off.'
        FROM (
            SELECT order_id, product_id, returned, written_off FROM shop_order_lines WHERE returned > 0
            UNION ALL
            SELECT r.order_id, l.product_id, -l.quantity, CASE WHEN l.is_restocked THEN 0 ELSE -l.quantity END
            FROM shop_return_lines l JOIN shop_returns r ON r.id = l.return_id
        ) x
        GROUP BY x.order_id, x.product_id
        HAVING SUM(x.returned) <> 0 OR SUM(x.written_off) <> 0
        LIMIT 100
        """).AsTask(), ct);
}

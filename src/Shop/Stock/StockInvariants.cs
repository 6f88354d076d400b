using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Shop;

/// <summary>What is on the shelf and what is promised are the sums of their movements, and neither is out of bounds.</summary>
internal sealed class LedgerAddsUp(Database database) : IInvariant
{
    public string Name => "shop-stock-ledger";

    public async Task<IReadOnlyList<string>> Violations(CancellationToken ct) => await database.Read(tx => tx.Query<string>("""
        SELECT 'Product ' || s.product_id || ' has ' || s.on_hand || ' on hand and ' || s.reserved || ' reserved; its ledger says '
            || COALESCE(l.on_hand, 0) || ' and ' || COALESCE(l.reserved, 0) || '.'
        FROM shop_stock s
        LEFT JOIN (
            SELECT product_id, SUM(on_hand_delta) AS on_hand, SUM(reserved_delta) AS reserved
            FROM shop_ledger
            GROUP BY product_id
        ) l ON l.product_id = s.product_id
        WHERE s.on_hand <> COALESCE(l.on_hand, 0) OR s.reserved <> COALESCE(l.reserved, 0)
            OR s.on_hand < 0 OR s.reserved NOT BETWEEN 0 AND s.on_hand
        LIMIT 100
        """).AsTask(), ct);
}

/// <summary>What is promised is the sum of the holds, those included that ran out and are not given back yet.</summary>
internal sealed class HoldsAddUp(Database database) : IInvariant
{
    public string Name => "shop-stock-holds";

    public async Task<IReadOnlyList<string>> Violations(CancellationToken ct) => await database.Read(tx => tx.Query<string>("""
        SELECT 'Product ' || s.product_id || ' has ' || s.reserved || ' reserved; its holds are ' || COALESCE(h.quantity, 0) || '.'
        FROM shop_stock s
        LEFT JOIN (
            SELECT product_id, SUM(quantity) AS quantity
            FROM shop_holds
            GROUP BY product_id
        ) h ON h.product_id = s.product_id
        WHERE s.reserved <> COALESCE(h.quantity, 0)
        LIMIT 100
        """).AsTask(), ct);
}

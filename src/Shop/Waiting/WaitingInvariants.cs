using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Shop.Waiting;

/// <summary>A product's row counts who waits for it, and whoever is offered a piece has one held.</summary>
internal sealed class LinesAddUp(Database database) : IInvariant
{
    public string Name => "shop-waiting-lines";

    public async Task<IReadOnlyList<string>> Violations(CancellationToken ct) => await database.Read(tx => tx.Query<string>("""
        SELECT 'Product ' || s.product_id || ' says that ' || s.waiting || ' wait; ' || COALESCE(w.waiting, 0) || ' do.'
        FROM shop_stock s
        LEFT JOIN (
            SELECT product_id, COUNT(*) AS waiting
            FROM shop_waiting
            WHERE offered_until IS NULL
            GROUP BY product_id
        ) w ON w.product_id = s.product_id
        WHERE s.waiting <> COALESCE(w.waiting, 0)
        UNION ALL
        SELECT 'Place ' || w.id || ' is offered a piece of product ' || w.product_id || ' that is not held for it.'
        FROM shop_waiting w
        WHERE w.offered_until IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM shop_holds h
            WHERE h.product_id = w.product_id AND h.holder = 'waiting:' || w.id AND h.quantity = 1)
        LIMIT 100
        """).AsTask(), ct);
}

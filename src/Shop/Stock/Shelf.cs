using Kontor.Foundation.Data;

namespace Kontor.Shop;

/// <summary>
/// The rows of `shop_stock` and `shop_holds`, one statement each, for those who keep the rules: <see cref="Stock"/> and
/// <see cref="Waiting.WaitingList"/>. Everything but <see cref="Lock"/> is for products that the transaction has locked, so that what was
/// looked at stays so until it is changed here.
/// </summary>
internal static class Shelf
{
    /// <summary>A product's row, and what one holder has of it.</summary>
    /// <param name="Waiting">People in line, each of whom has the next free piece coming.</param>
    /// <param name="LowAt">So many pieces are few; null where the shop's default counts.</param>
    /// <param name="Held">0 when nothing is.</param>
    /// <param name="ExpiresAt">Null when nothing is held.</param>
    public sealed record Level(long OnHand, long Reserved, long Waiting, long? LowAt, long Held, long? ExpiresAt)
    {
        public long Free => OnHand - Reserved;

        /// <summary>What is left for somebody who is not in line.</summary>
        public long Available => Math.Max(0, Free - Waiting);
    }

    public sealed record Expired(string Holder, long Quantity);

    /// <summary>
    /// In the order of their ids, so that no two wait for each other. The only writer of an engine that has one needs no lock.
    /// </summary>
    public static async ValueTask Lock(Tx tx, string[] productIds)
    {
        if (tx.Dialect.ForUpdate.Length == 0) return;
        await tx.Query<string>($"""
            SELECT product_id FROM shop_stock
            WHERE product_id {tx.Dialect.In("productIds")}
            ORDER BY product_id {tx.Dialect.ForUpdate}
            """, new { productIds });
    }

    /// <summary>Null for a product that does not exist.</summary>
    public static async ValueTask<Level?> Look(Tx tx, string productId, string? holder = null) => (await Look(tx, [productId], holder))[0];

    public static ValueTask<Level?[]> Look(Tx tx, IEnumerable<string> productIds, string? holder) => tx.FirstOfEach<Level, object>("""
        SELECT s.on_hand, s.reserved, s.waiting, s.low_at, COALESCE(h.quantity, 0) AS held, h.expires_at
        FROM shop_stock s
        LEFT JOIN shop_holds h ON h.product_id = s.product_id AND h.holder = @holder
        WHERE s.product_id = @productId
        """, [.. productIds.Select(productId => new { productId, holder })]);

    /// <summary>
    /// The one statement by which a piece is promised: it does nothing when there are not enough. Whoever is in line comes first.
    /// </summary>
    public static async ValueTask<bool> Reserve(Tx tx, string productId, long more) => await tx.Execute("""
        UPDATE shop_stock SET reserved = reserved + @more
        WHERE product_id = @productId AND on_hand - reserved - waiting >= @more
        """, new { productId, more }) == 1;

    /// <summary>The same for those in line, who have left it with that; it does nothing when there are fewer pieces or people.</summary>
    public static async ValueTask<bool> ReserveForLine(Tx tx, string productId, long more) => await tx.Execute("""
        UPDATE shop_stock SET reserved = reserved + @more, waiting = waiting - @more
        WHERE product_id = @productId AND on_hand - reserved >= @more AND waiting >= @more
        """, new { productId, more }) == 1;

    /// <summary>Pieces are promised to nobody any more.</summary>
    public static ValueTask<int> Free(Tx tx, string productId, long fewer) => tx.Execute("""
        UPDATE shop_stock SET reserved = reserved - @fewer
        WHERE product_id = @productId
        """, new { productId, fewer });

    /// <summary>
    /// What the holder has from now on. Its time begins anew with more pieces, and not by asking again for what is held already.
    /// </summary>
    public static ValueTask<int> Keep(Tx tx, string holder, IEnumerable<Pieces> taken, long expiresAt, string? network) =>
        tx.ExecuteEach("""
            INSERT INTO shop_holds (product_id, holder, quantity, expires_at, network)
            VALUES (@productId, @holder, @quantity, @expiresAt, @network)
            ON CONFLICT (product_id, holder) DO UPDATE SET
                is_extended = shop_holds.is_extended
                    AND (excluded.quantity <= shop_holds.quantity OR excluded.expires_at <= shop_holds.expires_at),
                expires_at = CASE
                    WHEN excluded.quantity > shop_holds.quantity THEN GREATEST(excluded.expires_at, shop_holds.expires_at)
                    ELSE shop_holds.expires_at END,
                network = COALESCE(excluded.network, shop_holds.network),
                quantity = excluded.quantity
            """, [.. taken.Select(one => new { productId = one.ProductId, holder, quantity = one.Quantity, expiresAt, network })]);

    /// <summary>Once for each time that a hold begins.</summary>
    public static ValueTask<int> Extend(Tx tx, string holder, IEnumerable<string> productIds, long now, long milliseconds) =>
        tx.ExecuteEach("""
            UPDATE shop_holds SET expires_at = expires_at + @milliseconds, is_extended = true
            WHERE product_id = @productId AND holder = @holder AND expires_at > @now AND is_extended = false
            """, [.. productIds.Select(productId => new { productId, holder, now, milliseconds })]);

    /// <summary>The holds are gone; what was reserved by them is the caller's.</summary>
    public static ValueTask<int> End(Tx tx, string holder, IEnumerable<string> productIds) => tx.ExecuteEach("""
        DELETE FROM shop_holds
        WHERE product_id = @productId AND holder = @holder
        """, [.. productIds.Select(productId => new { productId, holder })]);

    /// <summary>The same for all holds of a product that ran out.</summary>
    public static ValueTask<List<Expired>> EndExpired(Tx tx, string productId, long now) => tx.Query<Expired>("""
        DELETE FROM shop_holds
        WHERE product_id = @productId AND expires_at <= @now
        RETURNING holder, quantity
        """, new { productId, now });

    /// <summary>Reserved pieces leave the shelf.</summary>
    public static ValueTask<int> Sell(Tx tx, IReadOnlyList<Pieces> sold) => tx.ExecuteEach("""
        UPDATE shop_stock SET on_hand = on_hand - @Quantity, reserved = reserved - @Quantity
        WHERE product_id = @ProductId
        """, sold);

    public static ValueTask<int> PutBack(Tx tx, IReadOnlyList<Pieces> returned) => tx.ExecuteEach("""
        UPDATE shop_stock SET on_hand = on_hand + @Quantity
        WHERE product_id = @ProductId
        """, returned);

    /// <summary>False when there would be fewer than are promised, or more than there can be.</summary>
    public static async ValueTask<bool> Change(Tx tx, string productId, long delta, long max) => await tx.Execute("""
        UPDATE shop_stock SET on_hand = on_hand + @delta
        WHERE product_id = @productId AND on_hand + @delta BETWEEN reserved AND @max
        """, new { productId, delta, max }) == 1;

    /// <summary>More people wait, or fewer.</summary>
    public static ValueTask<int> Queue(Tx tx, string productId, long more) => tx.Execute("""
        UPDATE shop_stock SET waiting = waiting + @more
        WHERE product_id = @productId
        """, new { productId, more });

    /// <summary>So many pieces are few from now on; null for as many as with other products.</summary>
    public static ValueTask<int> SetLow(Tx tx, string productId, long? pieces) => tx.Execute("""
        UPDATE shop_stock SET low_at = @pieces
        WHERE product_id = @productId
        """, new { productId, pieces });
}

using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Cart;

/// <summary>A cart's row.</summary>
/// <param name="ChangedAt">Since when others have yet to be told that it changed; null when they know.</param>
internal sealed record CartRow(string Id, long? ChangedAt);

/// <summary>A product that is for sale, as somebody finds it who puts it in the cart.</summary>
/// <param name="PriceMinor">The price that was seen first: whoever saw a lower one is asked before paying more.</param>
/// <param name="QuantityBefore">So many are in the cart already.</param>
/// <param name="PlaceId">The owner waits for it.</param>
internal sealed record CartEntry(long PriceMinor, long QuantityBefore, string? PlaceId)
{
    /// <summary>So many are to be in it.</summary>
    public long Quantity { get; init; } = QuantityBefore;
}

/// <summary>A line as it is to be.</summary>
/// <param name="Wanted">More than there were; null when the quantity is what was asked for.</param>
internal sealed record NewLine(string ProductId, long Quantity, long? Wanted, long PriceMinor)
{
    /// <summary>As many as were taken. Where none were, the line stays as it was wanted, and nothing is held for it.</summary>
    public static NewLine Of(string productId, long wanted, long taken, long priceMinor) => taken == 0 || taken >= wanted
        ? new(productId, wanted, null, priceMinor)
        : new(productId, taken, wanted, priceMinor);
}

/// <summary>The rows of `shop_carts` and `shop_cart_lines`, one statement each. Whoever changes a cart has locked its row.</summary>
internal static class CartRows
{
    /// <summary>The owner's cart, locked; null where there is none yet.</summary>
    public static ValueTask<CartRow?> Lock(Tx tx, CartOwner owner) => tx.First<CartRow>($"""
        SELECT id, changed_at FROM shop_carts
        WHERE {(owner.IsGuest ? "token_hash" : "user_id")} = @owner {tx.Dialect.ForUpdate}
        """, new { owner = owner.UserId ?? owner.TokenHash });

    /// <summary>Begins the owner's cart; null when another request of theirs was quicker.</summary>
    public static async ValueTask<CartRow?> Begin(Tx tx, CartOwner owner, string id, long now) => await tx.Execute("""
        INSERT INTO shop_carts (id, user_id, token_hash, created_at, updated_at, changed_at)
        VALUES (@id, @userId, @tokenHash, @now, @now, @now)
        ON CONFLICT DO NOTHING
        """, new { id, userId = owner.UserId, tokenHash = owner.IsGuest ? owner.TokenHash : null, now }) == 1
        ? new(id, now)
        : null;

    public static ValueTask<int> Touch(Tx tx, string cartId, long now) => tx.Execute("""
        UPDATE shop_carts SET changed_at = @now, updated_at = @now
        WHERE id = @cartId
        """, new { cartId, now });

    public static ValueTask<string?> IdOf(Tx tx, CartOwner owner) => tx.First<string>(owner.IsGuest
        ? "SELECT id FROM shop_carts WHERE token_hash = @owner"
        : "SELECT id FROM shop_carts WHERE user_id = @owner", new { owner = owner.UserId ?? owner.TokenHash });

    /// <summary>Null when the product is not for sale.</summary>
    public static ValueTask<CartEntry?> Find(Tx tx, CartOwner owner, string cartId, string productId) => tx.First<CartEntry>("""
        SELECT COALESCE(l.price_minor, p.price_minor) AS price_minor, COALESCE(l.quantity, 0) AS quantity_before, w.id AS place_id
        FROM shop_products p
        LEFT JOIN shop_cart_lines l ON l.cart_id = @cartId AND l.product_id = p.id
        LEFT JOIN shop_waiting w ON w.product_id = p.id AND w.owner = @owner
        WHERE p.id = @productId AND p.is_deleted = false
        """, new { cartId, productId, owner = owner.Key });

    /// <summary>In the order in which they were added, at most one more than a cart may have.</summary>
    public static async ValueTask<List<CartLine>> Lines(Tx tx, string cartId, long now)
    {
        var lines = await tx.Query<CartLine>("""
            SELECT l.product_id, p.slug, p.name, l.quantity, l.wanted, l.price_minor,
                p.price_minor AS current_price_minor, p.currency, p.image, p.is_deleted, l.added_at,
                COALESCE(h.quantity, 0) AS held, h.expires_at AS held_until, COALESCE(h.is_extended, false) AS is_extended
            FROM shop_cart_lines l
            JOIN shop_products p ON p.id = l.product_id
            LEFT JOIN shop_holds h ON h.product_id = l.product_id AND h.holder = l.cart_id AND h.expires_at > @now
            WHERE l.cart_id = @cartId
            LIMIT 101
            """, new { cartId, now });
        if (lines.Count > 1)
        {
            // Here, because so few are sorted sooner than a database begins to.
            lines.Sort((one, other) => one.AddedAt != other.AddedAt
                ? one.AddedAt.CompareTo(other.AddedAt)
                : string.CompareOrdinal(one.ProductId, other.ProductId));
        }

        return lines;
    }

    public static ValueTask<int> Keep(Tx tx, string cartId, IEnumerable<NewLine> lines, long now) => tx.ExecuteEach("""
        INSERT INTO shop_cart_lines (cart_id, product_id, quantity, wanted, price_minor, added_at)
        VALUES (@cartId, @productId, @quantity, @wanted, @priceMinor, @now)
        ON CONFLICT (cart_id, product_id) DO UPDATE SET
            quantity = excluded.quantity, wanted = excluded.wanted, price_minor = excluded.price_minor
        """, [.. lines.Select(line => new
    {
        cartId,
        productId = line.ProductId,
        quantity = line.Quantity,
        wanted = line.Wanted,
        priceMinor = line.PriceMinor,
        now,
    })]);

    /// <summary>By its whole key, with which a database is done in one pass.</summary>
    public static ValueTask<int> Remove(Tx tx, string cartId, IEnumerable<string> productIds) => tx.ExecuteEach("""
        DELETE FROM shop_cart_lines
        WHERE cart_id = @cartId AND product_id = @productId
        """, [.. productIds.Select(productId => new { cartId, productId })]);

    /// <summary>A cart that has no lines any more.</summary>
    public static ValueTask<int> Delete(Tx tx, string cartId) => tx.Execute("DELETE FROM shop_carts WHERE id = @cartId", new { cartId });
}

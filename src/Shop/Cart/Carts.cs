using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Cart;

/// <summary>
/// The carts of people and guests. A cart's row is its lock: every change begins with <see cref="Open"/>, so what two tabs do to one cart
/// happens one after the other. The pieces in it are held by <see cref="Stock"/> under the cart's id.
/// </summary>
internal sealed class Carts(Stock stock, TimeProvider time, IOptions<ShopOptions> options)
{
    public const int LinesMax = 100;
    public const int QuantityMax = 99;

    public static readonly Problem TooMany = new(409, "cart-quantity-limit", "A cart holds at most 99 pieces of one product.");
    public static readonly Problem Full = new(409, "cart-full", "A cart holds at most 100 products.");
    public static readonly Problem LineUnknown = new(404, "not-found", "This product is not in the cart.");

    private sealed record Entry(long PriceMinor, long Quantity);

    /// <summary>Adds to what is in the cart, and holds all of it anew.</summary>
    public async Task<Outcome<CartView>> Add(Tx tx, CartOwner owner, string productId, long quantity)
    {
        var cartId = await Open(tx, owner);
        if (await Find(tx, cartId, productId) is not { } entry) return Product.Unknown;
        if (entry.Quantity + quantity > QuantityMax) return TooMany;
        return await Put(tx, owner, cartId, productId, entry with { Quantity = entry.Quantity + quantity });
    }

    public async Task<Outcome<CartView>> Change(Tx tx, CartOwner owner, string productId, long quantity)
    {
        var cartId = await Open(tx, owner);
        if (await Find(tx, cartId, productId) is not { } entry) return Product.Unknown;
        if (entry.Quantity == 0) return LineUnknown;
        return await Put(tx, owner, cartId, productId, entry with { Quantity = quantity });
    }

    /// <summary>A product that is not in the cart is as good as removed.</summary>
    public async Task<Outcome<CartView>> Remove(Tx tx, CartOwner owner, string productId)
    {
        var cartId = await Open(tx, owner);
        await stock.Release(tx, cartId, [productId], owner.Actor);
        await tx.Execute("""
            DELETE FROM shop_cart_lines
            WHERE cart_id = @cartId AND product_id = @productId
            """, new { cartId, productId });
        Tell(tx, owner);
        return await View(tx, cartId);
    }

    public async Task<Outcome<CartView>> Empty(Tx tx, CartOwner owner)
    {
        var cartId = await Open(tx, owner);
        var productIds = await tx.Query<string>(
            "SELECT product_id FROM shop_cart_lines WHERE cart_id = @cartId LIMIT 100", new { cartId });
        await stock.Release(tx, cartId, [.. productIds], owner.Actor);
        await tx.Execute("DELETE FROM shop_cart_lines WHERE cart_id = @cartId", new { cartId });
        Tell(tx, owner);
        return CartView.Of([]);
    }

    /// <summary>The owner's cart as it is, without touching it.</summary>
    public async Task<CartView> Read(Tx tx, CartOwner owner)
    {
        var cartId = await tx.First<string>(owner.IsGuest
            ? "SELECT id FROM shop_carts WHERE token_hash = @owner"
            : "SELECT id FROM shop_carts WHERE user_id = @owner", new { owner = owner.UserId ?? owner.TokenHash });
        return cartId is null ? CartView.Of([]) : await View(tx, cartId);
    }

    /// <summary>Somebody who is signed in brings a guest's cart along.</summary>
    public static async Task<bool> HasGuestsCart(Tx tx, CartOwner owner) =>
        owner is { IsGuest: false, TokenHash: { } hash }
        && await tx.First<bool>("SELECT EXISTS (SELECT 1 FROM shop_carts WHERE token_hash = @hash)", new { hash });

    /// <summary>
    /// The owner's cart, begun where there is none, locked, and with a guest's cart that was brought along merged into it; its id.
    /// </summary>
    public async Task<string> Open(Tx tx, CartOwner owner)
    {
        var now = time.NowMs();
        var args = new { id = Ids.New(time), userId = owner.UserId, tokenHash = owner.IsGuest ? owner.TokenHash : null, now };
        var cartId = await tx.First<string>($"""
            INSERT INTO shop_carts (id, user_id, token_hash, created_at, updated_at)
            VALUES (@id, @userId, @tokenHash, @now, @now)
            ON CONFLICT ({(owner.IsGuest ? "token_hash" : "user_id")}) DO UPDATE SET updated_at = excluded.updated_at
            RETURNING id
            """, args);
        if (owner is { IsGuest: false, TokenHash: { } hash }) await Merge(tx, owner, cartId!, hash);
        return cartId!;
    }

    public async ValueTask<List<CartLine>> Lines(Tx tx, string cartId) => await tx.Query<CartLine>("""
        SELECT l.product_id, p.slug, p.name, l.quantity, l.price_minor,
            p.price_minor AS current_price_minor, p.currency, p.image, p.is_deleted,
            COALESCE(h.quantity, 0) AS held, h.expires_at AS held_until
        FROM shop_cart_lines l
        JOIN shop_products p ON p.id = l.product_id
        LEFT JOIN shop_holds h ON h.product_id = l.product_id AND h.holder = l.cart_id AND h.expires_at > @now
        WHERE l.cart_id = @cartId
        ORDER BY l.added_at, l.product_id
        LIMIT 101
        """, new { cartId, now = time.NowMs() });

    /// <summary>The cart has become an order.</summary>
    public static async ValueTask Close(Tx tx, CartOwner owner, string cartId)
    {
        await tx.Execute("DELETE FROM shop_cart_lines WHERE cart_id = @cartId", new { cartId });
        await tx.Execute("DELETE FROM shop_carts WHERE id = @cartId", new { cartId });
        Tell(tx, owner);
    }

    private static void Tell(Tx tx, CartOwner owner)
    {
        if (!owner.IsGuest) new WidgetStale("shop", "continue-shopping", owner.UserId).Tell(tx);
    }

    /// <summary>What the product costs and how many the cart has; null when it is not for sale.</summary>
    private static ValueTask<Entry?> Find(Tx tx, string cartId, string productId) => tx.First<Entry>("""
        SELECT p.price_minor, COALESCE(l.quantity, 0) AS quantity
        FROM shop_products p
        LEFT JOIN shop_cart_lines l ON l.cart_id = @cartId AND l.product_id = p.id
        WHERE p.id = @productId AND p.is_deleted = false
        """, new { cartId, productId });

    private async Task<Outcome<CartView>> Put(Tx tx, CartOwner owner, string cartId, string productId, Entry entry)
    {
        var now = time.NowMs();
        var expiresAt = now + options.Value.HoldMs(owner.IsGuest);
        if (await stock.Hold(tx, cartId, [new(productId, entry.Quantity)], expiresAt, owner.Actor) is { } problem) return problem;
        // The price that was seen first stays: whoever saw a lower one is asked before paying more.
        await tx.Execute("""
            INSERT INTO shop_cart_lines (cart_id, product_id, quantity, price_minor, added_at)
            VALUES (@cartId, @productId, @quantity, @priceMinor, @now)
            ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = excluded.quantity
            """, new { cartId, productId, quantity = entry.Quantity, priceMinor = entry.PriceMinor, now });
        var lines = await Lines(tx, cartId);
        if (lines.Count > LinesMax) return Full;
        Tell(tx, owner);
        return CartView.Of(lines);
    }

    private async ValueTask<CartView> View(Tx tx, string cartId) => CartView.Of(await Lines(tx, cartId));

    /// <summary>
    /// The guest's cart becomes part of the person's. Holds go over without anybody getting between; what had run out is taken again as
    /// far as it is there.
    /// </summary>
    private async ValueTask Merge(Tx tx, CartOwner owner, string cartId, string tokenHash)
    {
        var guestsId = await tx.First<string>(
            $"SELECT id FROM shop_carts WHERE token_hash = @tokenHash {tx.Dialect.ForUpdate}", new { tokenHash });
        if (guestsId is null) return;
        var guests = await Lines(tx, guestsId);
        var merged = CartMerge.Of(await Lines(tx, cartId), guests);
        var now = time.NowMs();
        await stock.Release(tx, guestsId, [.. guests.Select(line => line.ProductId)], owner.Actor);
        List<Pieces> wanted = [.. merged.Select(line => new Pieces(line.ProductId, line.Quantity))];
        await stock.Hold(tx, cartId, wanted, now + options.Value.HoldMs(owner.IsGuest), owner.Actor, orFewer: true);
        await tx.Execute($"""
            INSERT INTO shop_cart_lines (cart_id, product_id, quantity, price_minor, added_at)
            SELECT @cartId, r.product_id, r.quantity, r.price_minor, @now
            FROM {tx.Dialect.Rows("merged", "product_id text", "quantity bigint", "price_minor bigint")} r
            WHERE true
            ON CONFLICT (cart_id, product_id) DO UPDATE SET quantity = excluded.quantity, price_minor = excluded.price_minor
            """, new { cartId, now, merged = JsonSerializer.Serialize(merged, Ledger.Columns) });
        await tx.Execute("DELETE FROM shop_carts WHERE id = @guestsId", new { guestsId });
        Tell(tx, owner);
    }
}

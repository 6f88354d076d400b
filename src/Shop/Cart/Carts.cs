using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Waiting;
using Kontor.Shop.Widgets;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Cart;

/// <summary>
/// The carts of people and guests. A cart's row is its lock: every change begins with <see cref="Open"/>, so what two tabs do to one cart
/// happens one after the other. The pieces in it are held by <see cref="Stock"/> under the cart's id.
/// </summary>
internal sealed class Carts(Stock stock, HoldCaps caps, TimeProvider time, IOptions<ShopOptions> options)
{
    public const int LinesMax = 100;
    public const int QuantityMax = 99;

    public static readonly Problem TooMany = new(409, "cart-quantity-limit", "A cart holds at most 99 pieces of one product.");
    public static readonly Problem Full = new(409, "cart-full", "A cart holds at most 100 products.");
    public static readonly Problem LineUnknown = new(404, "not-found", "This product is not in the cart.");

    /// <summary>Adds to what is in the cart, and holds all of it anew.</summary>
    /// <param name="orFewer">Take what is left where there is not enough, instead of nothing.</param>
    public async Task<Outcome<CartView>> Add(Tx tx, CartOwner owner, string productId, long quantity, bool orFewer = false)
    {
        var cart = await OpenRow(tx, owner);
        if (await CartRows.Find(tx, owner, cart.Id, productId) is not { } entry) return Product.Unknown;
        if (entry.Quantity + quantity > QuantityMax) return TooMany;
        return await Put(tx, owner, cart, productId, entry with { Quantity = entry.Quantity + quantity }, orFewer);
    }

    /// <summary>So many pieces of a product that is in the cart.</summary>
    public async Task<Outcome<CartView>> Change(Tx tx, CartOwner owner, string productId, long quantity)
    {
        var cart = await OpenRow(tx, owner);
        if (await CartRows.Find(tx, owner, cart.Id, productId) is not { } entry) return Product.Unknown;
        return entry.QuantityBefore == 0
            ? LineUnknown
            : await Put(tx, owner, cart, productId, entry with { Quantity = quantity });
    }

    /// <summary>So many pieces of a product, whether it is in the cart or not.</summary>
    public async Task<Outcome<CartView>> Set(Tx tx, CartOwner owner, string productId, long quantity, bool orFewer)
    {
        var cart = await OpenRow(tx, owner);
        return await CartRows.Find(tx, owner, cart.Id, productId) is { } entry
            ? await Put(tx, owner, cart, productId, entry with { Quantity = quantity }, orFewer)
            : Product.Unknown;
    }

    /// <summary>The piece that is kept for a place in line comes into the cart.</summary>
    public async Task<Outcome<CartView>> Claim(Tx tx, CartOwner owner, string placeId)
    {
        var cart = await OpenRow(tx, owner);
        if (await WaitingList.Find(tx, placeId) is not { OfferedUntil: not null } place) return ClaimOffer.Lapsed;
        if (await CartRows.Find(tx, owner, cart.Id, place.ProductId) is not { } entry) return Product.Unknown;
        if (entry.Quantity + 1 > QuantityMax) return TooMany;
        var expiresAt = time.NowMs() + options.Value.HoldMs(owner.IsGuest);
        if (!await stock.Claim(tx, place, cart.Id, expiresAt, owner.Actor, owner.Network)) return ClaimOffer.Lapsed;
        return await Put(tx, owner, cart, place.ProductId, entry with { Quantity = entry.Quantity + 1, PlaceId = null });
    }

    /// <summary>A product that is not in the cart is as good as removed.</summary>
    public async Task<Outcome<CartView>> Remove(Tx tx, CartOwner owner, string productId)
    {
        var cart = await OpenRow(tx, owner);
        await stock.Release(tx, cart.Id, [productId], owner.Actor);
        await CartRows.Remove(tx, cart.Id, [productId]);
        await Tell(tx, owner, cart);
        return await View(tx, cart.Id);
    }

    public async Task<Outcome<CartView>> Empty(Tx tx, CartOwner owner)
    {
        var cart = await OpenRow(tx, owner);
        string[] productIds = [.. (await Lines(tx, cart.Id)).Select(line => line.ProductId)];
        await stock.Release(tx, cart.Id, productIds, owner.Actor);
        await CartRows.Remove(tx, cart.Id, productIds);
        await Tell(tx, owner, cart);
        return CartView.Of([]);
    }

    /// <summary>The owner's cart as it is, without touching it.</summary>
    public async Task<CartView> Read(Tx tx, CartOwner owner) =>
        await CartRows.IdOf(tx, owner) is { } cartId ? await View(tx, cartId) : CartView.Of([]);

    /// <summary>What is in the owner's cart; nothing where there is none.</summary>
    public async Task<List<CartLine>> LinesOf(Tx tx, CartOwner owner) =>
        await CartRows.IdOf(tx, owner) is { } cartId ? await Lines(tx, cartId) : [];

    /// <summary>A person's cart as it is.</summary>
    public async Task<CartView> Of(Tx tx, string userId)
    {
        var cartId = await tx.First<string>("SELECT id FROM shop_carts WHERE user_id = @userId", new { userId });
        return cartId is null ? CartView.Of([]) : await View(tx, cartId);
    }

    /// <summary>Somebody who is signed in brings a guest's cart along.</summary>
    public static async Task<bool> HasGuestsCart(Tx tx, CartOwner owner) =>
        owner is { IsGuest: false, TokenHash: { } hash }
        && await tx.First<bool>("SELECT EXISTS (SELECT 1 FROM shop_carts WHERE token_hash = @hash)", new { hash });

    /// <summary>
    /// The owner's cart, begun where there is none, locked, and with a guest's cart that was brought along merged into it; its id.
    /// </summary>
    public async Task<string> Open(Tx tx, CartOwner owner) => (await OpenRow(tx, owner)).Id;

    /// <summary>Something is held that was not yet made longer.</summary>
    public async Task<bool> CanExtend(Tx tx, CartOwner owner) =>
        await CartRows.IdOf(tx, owner) is { } cartId && (await Lines(tx, cartId)).Exists(line => line is { Held: > 0, IsExtended: false });

    /// <summary>The checkout begins: what is held is held a little longer, once.</summary>
    public async Task<CartView> Extend(Tx tx, CartOwner owner)
    {
        var cart = await OpenRow(tx, owner);
        string[] held = [.. (await Lines(tx, cart.Id)).Where(line => line.Held > 0).Select(line => line.ProductId)];
        await stock.Extend(tx, cart.Id, held, options.Value.CheckoutMinutes * Clock.Minute);
        return await View(tx, cart.Id);
    }

    public ValueTask<List<CartLine>> Lines(Tx tx, string cartId) => CartRows.Lines(tx, cartId, time.NowMs());

    /// <summary>The cart with these lines, all that it has, has become an order.</summary>
    public static async ValueTask Close(Tx tx, CartOwner owner, string cartId, IEnumerable<CartLine> lines)
    {
        await CartRows.Remove(tx, cartId, lines.Select(line => line.ProductId));
        await CartRows.Delete(tx, cartId);
        TellHome(tx, owner);
    }

    private async ValueTask<CartRow> OpenRow(Tx tx, CartOwner owner)
    {
        var cart = owner.IsNew ? null : await CartRows.Lock(tx, owner);
        // What the quicker one began may already be an order, and gone.
        while (cart is null) cart = await CartRows.Begin(tx, owner, Ids.New(time), time.NowMs()) ?? await CartRows.Lock(tx, owner);
        if (owner is { IsGuest: false, TokenHash: { } hash }) await Merge(tx, owner, cart, hash);
        return cart;
    }

    /// <summary>For erasure: a person's or a guest's cart goes, and its pieces are free for others.</summary>
    public async Task Forget(Tx tx, string? userId, string? tokenHash)
    {
        var cartId = await tx.First<string>($"""
            SELECT id FROM shop_carts
            WHERE user_id = @userId OR token_hash = @tokenHash
            {tx.Dialect.ForUpdate}
            """, new { userId, tokenHash });
        if (cartId is null) return;
        var productIds = await tx.Query<string>(
            "SELECT product_id FROM shop_cart_lines WHERE cart_id = @cartId LIMIT 101", new { cartId });
        await stock.Release(tx, cartId, [.. productIds], Ledger.System);
        await CartRows.Remove(tx, cartId, productIds);
        await CartRows.Delete(tx, cartId);
    }

    private async ValueTask Tell(Tx tx, CartOwner owner, CartRow cart)
    {
        // Once for all the changes that others have yet to be told of.
        if (cart.ChangedAt is null) await CartRows.Touch(tx, cart.Id, time.NowMs());
        TellHome(tx, owner);
    }

    private static void TellHome(Tx tx, CartOwner owner)
    {
        if (owner.IsGuest) return;
        new WidgetStale("shop", "continue-shopping", owner.UserId).Tell(tx);
        new AttributesStale(ShopAttributes.SourceName, owner.UserId!).Tell(tx);
    }

    private async Task<Outcome<CartView>> Put(
        Tx tx, CartOwner owner, CartRow cart, string productId, CartEntry entry, bool orFewer = false)
    {
        var expiresAt = time.NowMs() + options.Value.HoldMs(owner.IsGuest);
        if (entry.PlaceId is { } placeId && await WaitingList.Find(tx, placeId) is { } place)
            await stock.Claim(tx, place, cart.Id, expiresAt, owner.Actor, owner.Network);
        var (taken, problem) = await stock.Hold(
            tx, cart.Id, [new(productId, entry.Quantity)], expiresAt, owner.Actor, orFewer, owner.Network);
        if (problem is not null) return problem;
        if (taken![0] == 0) return Stock.Insufficient.With("productId", productId).With("available", 0L).With("held", 0L);
        await CartRows.Keep(tx, cart.Id, [NewLine.Of(productId, entry.Quantity, taken[0], entry.PriceMinor)], time.NowMs());
        var lines = await Lines(tx, cart.Id);
        if (lines.Count > LinesMax) return Full;
        if (entry.Quantity > entry.QuantityBefore && await caps.Refuse(tx, owner.Network, lines) is { } tooMany) return tooMany;
        await Tell(tx, owner, cart);
        return CartView.Of(lines);
    }

    private async ValueTask<CartView> View(Tx tx, string cartId) => CartView.Of(await Lines(tx, cartId));

    /// <summary>
    /// The guest's cart becomes part of the person's. Holds go over without anybody getting between; what had run out is taken again as
    /// far as it is there.
    /// </summary>
    private async ValueTask Merge(Tx tx, CartOwner owner, CartRow cart, string tokenHash)
    {
        var guestsId = await tx.First<string>(
            $"SELECT id FROM shop_carts WHERE token_hash = @tokenHash {tx.Dialect.ForUpdate}", new { tokenHash });
        if (guestsId is null) return;
        var guests = await Lines(tx, guestsId);
        var merged = CartMerge.Of(await Lines(tx, cart.Id), guests);
        var now = time.NowMs();
        var expiresAt = now + options.Value.HoldMs(owner.IsGuest);
        await stock.Transfer(tx, guestsId, cart.Id, [.. merged.Select(line => line.ProductId)], expiresAt, owner.Actor, owner.Network);
        await stock.Release(tx, guestsId, [.. guests.Select(line => line.ProductId)], owner.Actor);
        List<Pieces> wanted = [.. merged.Select(line => new Pieces(line.ProductId, line.Quantity))];
        var (taken, _) = await stock.Hold(tx, cart.Id, wanted, expiresAt, owner.Actor, orFewer: true, owner.Network);
        var lines = merged.Select((line, i) => NewLine.Of(line.ProductId, line.Quantity, taken![i], line.PriceMinor));
        await CartRows.Keep(tx, cart.Id, lines, now);
        // Two carts that were each small enough: what was brought along stays in the cart, and is kept from nobody.
        if (await caps.Refuse(tx, owner.Network, await Lines(tx, cart.Id)) is not null)
            await stock.Release(tx, cart.Id, [.. merged.Select(line => line.ProductId)], owner.Actor);
        await CartRows.Remove(tx, guestsId, guests.Select(line => line.ProductId));
        await CartRows.Delete(tx, guestsId);
        await WaitingList.Adopt(tx, CartOwner.KeyOf(null, tokenHash), owner.Key, owner.UserId!);
        await Tell(tx, owner, cart);
    }
}

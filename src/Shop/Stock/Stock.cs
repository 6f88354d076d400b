using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Waiting;

namespace Kontor.Shop;

/// <summary>So many pieces of one product.</summary>
internal sealed record Pieces(string ProductId, long Quantity);

/// <summary>What is on the shelf, and how much of it is promised.</summary>
internal sealed record StockLevel(long OnHand, long Reserved);

/// <summary>
/// What is on the shelf and who has it promised. A product's stock row is its lock: whoever changes it, or one of its holds, has locked
/// it first, and several products in the order of their ids. Holds that ran out are given back whenever their pieces are needed, so
/// nothing depends on when the tidying job comes by; and freed pieces go to whoever waits for them in the same transaction.
/// </summary>
internal sealed class Stock(WaitingList waiting, StockAlerts alerts, TimeProvider time)
{
    /// <summary>More than any warehouse has, and far from where sums of it overflow.</summary>
    public const long OnHandMax = 1_000_000_000;

    public static readonly Problem Insufficient = new(409, "insufficient-stock", "There are not enough pieces left.");
    public static readonly Problem TooMuch = new(409, "stock-limit", "A product's stock is at most 1,000,000,000 pieces.");

    /// <summary>A new product comes into the warehouse.</summary>
    public async ValueTask Open(Tx tx, string productId, long quantity, string actor)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quantity, OnHandMax);
        await tx.Execute("""
            INSERT INTO shop_stock (product_id, on_hand, reserved)
            VALUES (@productId, @quantity, 0)
            """, new { productId, quantity });
        var ledger = new Ledger(actor, time.NowMs());
        ledger.Add(new(productId, Movement.Opened, quantity, 0));
        await ledger.Write(tx);
    }

    /// <summary>
    /// Goods came in or were lost. Only ever a difference: an absolute number would erase the sales made since it was read.
    /// </summary>
    public async ValueTask<Outcome<StockLevel>> Change(Tx tx, string productId, long delta, string reason, string actor)
    {
        var ledger = new Ledger(actor, time.NowMs());
        await Shelf.Lock(tx, [productId]);
        await GiveBackExpired(tx, productId, ledger);
        if (await Shelf.Look(tx, productId) is not { } before) return Product.Unknown;
        if (!await Shelf.Change(tx, productId, Math.Clamp(delta, -2 * OnHandMax, 2 * OnHandMax), OnHandMax))
            return delta > 0 ? TooMuch : Insufficient.With("available", before.Free);
        ledger.Add(new(productId, Movement.Changed, delta, 0, Reason: reason));
        var after = before with { OnHand = before.OnHand + delta };
        await alerts.Compare(tx, productId, before, after, ledger.At);
        var offered = await waiting.Serve(tx, productId, after, ledger);
        await ledger.Write(tx);
        return new StockLevel(after.OnHand, after.Reserved + offered);
    }

    /// <summary>
    /// From now on the holder has exactly these pieces promised; other products keep what they have.
    /// </summary>
    /// <param name="expiresAt">Until when more pieces are kept than before; what is held already keeps its time.</param>
    /// <param name="orFewer">Take what is left where there is not enough, instead of nothing at all.</param>
    /// <param name="network">Where the request came from, as far as pieces are counted by it.</param>
    /// <returns>How many the holder now has of each.</returns>
    public async ValueTask<Outcome<long[]>> Hold(
        Tx tx, string holder, IReadOnlyList<Pieces> wanted, long expiresAt, string actor, bool orFewer = false, string? network = null)
    {
        var ledger = new Ledger(actor, time.NowMs());
        var (taken, problem) = await Take(tx, holder, wanted, ledger, orFewer);
        if (problem is not null) return problem;
        var kept = wanted.Select((one, i) => one with { Quantity = taken![i].Quantity }).Where(one => one.Quantity > 0);
        await Shelf.Keep(tx, holder, kept, expiresAt, network);
        await ledger.Write(tx);
        return taken!.Select(one => one.Quantity).ToArray();
    }

    /// <summary>What is held stays so for a while longer, once for each time that it was taken.</summary>
    public async ValueTask Extend(Tx tx, string holder, string[] productIds, long milliseconds)
    {
        await Shelf.Lock(tx, productIds);
        await Shelf.Extend(tx, holder, productIds, time.NowMs(), milliseconds);
    }

    /// <summary>Nothing of these products is promised to the holder any more.</summary>
    public async ValueTask Release(Tx tx, string holder, string[] productIds, string actor)
    {
        var ledger = new Ledger(actor, time.NowMs());
        await Shelf.Lock(tx, productIds);
        foreach (var (i, level) in (await Shelf.Look(tx, productIds, holder)).Index())
        {
            if (level is not { Held: > 0 }) continue;
            ledger.Add(level.ExpiresAt <= ledger.At
                ? new(productIds[i], Movement.Expired, 0, -level.Held, holder, Actor: Ledger.System)
                : new(productIds[i], Movement.Released, 0, -level.Held, holder));
            await Free(tx, productIds[i], level, level.Held, ledger);
        }

        await Shelf.End(tx, holder, productIds);
        await ledger.Write(tx);
    }

    /// <summary>What one holder has promised goes over to another, beside what that one has; nobody gets between.</summary>
    public async ValueTask Transfer(
        Tx tx, string from, string to, string[] productIds, long expiresAt, string actor, string? network = null)
    {
        var ledger = new Ledger(actor, time.NowMs());
        await Shelf.Lock(tx, productIds);
        foreach (var productId in productIds) await GiveBackExpired(tx, productId, ledger);
        var has = await Shelf.Look(tx, productIds, to);
        var kept = new List<Pieces>();
        foreach (var (i, level) in (await Shelf.Look(tx, productIds, from)).Index())
        {
            if (level is not { Held: > 0 }) continue;
            ledger.Add(new(productIds[i], Movement.Released, 0, -level.Held, from));
            ledger.Add(new(productIds[i], Movement.Held, 0, level.Held, to));
            kept.Add(new(productIds[i], level.Held + has[i]!.Held));
        }

        await Shelf.End(tx, from, productIds);
        await Shelf.Keep(tx, to, kept, expiresAt, network);
        await ledger.Write(tx);
    }

    /// <summary>
    /// Somebody who waits for the product gets it, or as many as are there: what was kept for their place goes over to the holder.
    /// </summary>
    /// <returns>Whether a piece was kept for them.</returns>
    public async ValueTask<bool> Claim(
        Tx tx, Place place, string holder, long expiresAt, string actor, string? network)
    {
        await Transfer(tx, WaitingList.HolderOf(place.Id), holder, [place.ProductId], expiresAt, actor, network);
        // Looked at again now that the product is locked: the offer may have run out.
        if (await WaitingList.Find(tx, place.Id) is not { } current) return false;
        await WaitingList.End(tx, current);
        return current.OfferedUntil is not null;
    }

    /// <summary>Somebody waits no longer; a piece that was kept for them goes to the next in line.</summary>
    public async ValueTask Leave(Tx tx, Place place, string actor)
    {
        await Shelf.Lock(tx, [place.ProductId]);
        if (await WaitingList.Find(tx, place.Id) is not { } current) return;
        await WaitingList.End(tx, current);
        await Release(tx, WaitingList.HolderOf(place.Id), [place.ProductId], actor);
    }

    /// <summary>The holder's pieces leave the shelf for an order; what was not held any more is taken now if it is there.</summary>
    public async ValueTask<Problem?> Consume(Tx tx, string holder, IReadOnlyList<Pieces> sold, string orderId, string actor)
    {
        var ledger = new Ledger(actor, time.NowMs());
        var (taken, problem) = await Take(tx, holder, sold, ledger, orFewer: false);
        if (problem is not null) return problem;
        await Shelf.End(tx, holder, sold.Select(one => one.ProductId));
        await Shelf.Sell(tx, sold);
        for (var i = 0; i < sold.Count; i++)
        {
            var (productId, quantity) = sold[i];
            ledger.Add(new(productId, Movement.Sold, -quantity, -quantity, holder, orderId));
            var before = taken![i].Level;
            await alerts.Compare(tx, productId, before, before with { OnHand = before.OnHand - quantity }, ledger.At);
        }

        await ledger.Write(tx);
        return null;
    }

    /// <summary>Pieces of an order are on the shelf again.</summary>
    public async ValueTask Return(Tx tx, IReadOnlyList<Pieces> returned, string orderId, string actor, string? reason = null)
    {
        var ledger = new Ledger(actor, time.NowMs());
        var productIds = IdsOf(returned);
        await Shelf.Lock(tx, productIds);
        var levels = await Shelf.Look(tx, productIds, holder: null);
        await Shelf.PutBack(tx, returned);
        for (var i = 0; i < productIds.Length; i++)
        {
            var (productId, quantity) = returned[i];
            var before = levels[i] ?? throw new InvalidOperationException($"{productId} has no stock to return to.");
            var after = before with { OnHand = before.OnHand + quantity };
            ledger.Add(new(productId, Movement.Returned, quantity, 0, OrderId: orderId, Reason: reason));
            await alerts.Compare(tx, productId, before, after, ledger.At);
            await waiting.Serve(tx, productId, after, ledger);
        }

        await ledger.Write(tx);
    }

    /// <summary>Some hold ran out and is not given back yet, or somebody waits for pieces that are free.</summary>
    public ValueTask<bool> HasToTidy(Tx tx) => tx.First<bool>("""
        SELECT EXISTS (SELECT 1 FROM shop_holds WHERE expires_at <= @now)
            OR EXISTS (SELECT 1 FROM shop_stock WHERE waiting > 0 AND on_hand > reserved)
        """, new { now = time.NowMs() });

    /// <summary>
    /// Gives back what ran out first, of at most so many products at a time, and serves who waits. The number of products that it
    /// touched.
    /// </summary>
    public async ValueTask<int> Tidy(Tx tx, int productsMax)
    {
        var ledger = new Ledger(Ledger.System, time.NowMs());
        string[] productIds = [.. await tx.Query<string>("""
            SELECT product_id
            FROM (SELECT product_id FROM shop_holds WHERE expires_at <= @now ORDER BY expires_at LIMIT @productsMax) oldest
            UNION
            SELECT product_id
            FROM (SELECT product_id FROM shop_stock WHERE waiting > 0 AND on_hand > reserved LIMIT @productsMax) wanted
            """, new { now = ledger.At, productsMax })];
        if (productIds.Length == 0) return 0;
        await Shelf.Lock(tx, productIds);
        foreach (var productId in productIds)
        {
            await GiveBackExpired(tx, productId, ledger);
            await waiting.Serve(tx, productId, (await Shelf.Look(tx, productId))!, ledger);
        }

        await ledger.Write(tx);
        return productIds.Length;
    }

    /// <param name="Quantity">What the holder now has.</param>
    /// <param name="Level">As it was found, for what taking does not change.</param>
    private readonly record struct Taken(long Quantity, Shelf.Level Level);

    /// <summary>
    /// Makes what the holder has promised equal to what is wanted in `reserved`, product by product; the caller then writes the holds.
    /// </summary>
    private async ValueTask<Outcome<Taken[]>> Take(
        Tx tx, string holder, IReadOnlyList<Pieces> wanted, Ledger ledger, bool orFewer)
    {
        await Shelf.Lock(tx, IdsOf(wanted));
        var levels = await Shelf.Look(tx, wanted.Select(one => one.ProductId), holder);
        var taken = new Taken[wanted.Count];
        for (var i = 0; i < taken.Length; i++)
        {
            var (productId, quantity) = wanted[i];
            if (levels[i] is not { } level) return NotEnough(productId, available: 0, held: 0);
            if (level.ExpiresAt <= ledger.At)
            {
                await GiveBackExpired(tx, productId, ledger);
                level = (await Shelf.Look(tx, productId, holder))!;
            }

            var more = quantity - level.Held;
            if (more > 0 && !await Shelf.Reserve(tx, productId, more))
            {
                // Only here it matters what else has run out.
                await GiveBackExpired(tx, productId, ledger);
                level = (await Shelf.Look(tx, productId, holder))!;
                if (level.Available < more && !orFewer) return NotEnough(productId, level.Available, level.Held);
                more = Math.Min(more, level.Available);
                if (more > 0 && !await Shelf.Reserve(tx, productId, more))
                    throw new InvalidOperationException($"{productId} was not locked.");
            }

            if (more != 0) ledger.Add(new(productId, more > 0 ? Movement.Held : Movement.Released, 0, more, holder));
            if (more < 0) await Free(tx, productId, level, -more, ledger);
            taken[i] = new(level.Held + more, level);
        }

        return taken;
    }

    private async ValueTask GiveBackExpired(Tx tx, string productId, Ledger ledger)
    {
        var expired = await Shelf.EndExpired(tx, productId, ledger.At);
        if (expired.Count == 0) return;
        foreach (var (holder, quantity) in expired)
            ledger.Add(new(productId, Movement.Expired, 0, -quantity, holder, Actor: Ledger.System));
        await WaitingList.Lapse(tx, expired.Select(one => one.Holder));
        await Free(tx, productId, (await Shelf.Look(tx, productId))!, expired.Sum(one => one.Quantity), ledger);
    }

    /// <summary>Pieces are free again, and go to who waits for them.</summary>
    private async ValueTask Free(Tx tx, string productId, Shelf.Level before, long quantity, Ledger ledger)
    {
        await Shelf.Free(tx, productId, quantity);
        await waiting.Serve(tx, productId, before with { Reserved = before.Reserved - quantity }, ledger);
    }

    private static Problem NotEnough(string productId, long available, long held) =>
        Insufficient.With("productId", productId).With("available", available).With("held", held);

    private static string[] IdsOf(IReadOnlyList<Pieces> pieces) => [.. pieces.Select(one => one.ProductId)];
}

using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;

namespace Kontor.Shop;

/// <summary>So many pieces of one product.</summary>
internal sealed record Pieces(string ProductId, long Quantity);

/// <summary>What is on the shelf, and how much of it is promised.</summary>
internal sealed record StockLevel(long OnHand, long Reserved);

/// <summary>
/// What is on the shelf and who has it promised. Only this class writes `shop_stock`, `shop_holds` and `shop_ledger`. A product's stock
/// row is its lock: whoever changes it, or one of its holds, has locked it first, and several products in the order of their ids. Holds
/// that ran out are given back whenever their product is touched, so nothing depends on when the tidying job comes by.
/// </summary>
internal sealed class Stock(TimeProvider time)
{
    /// <summary>More than any warehouse has, and far from where sums of it overflow.</summary>
    public const long OnHandMax = 1_000_000_000;

    public static readonly Problem Insufficient = new(409, "insufficient-stock", "There are not enough pieces left.");
    public static readonly Problem TooMuch = new(409, "stock-limit", "A product's stock is at most 1,000,000,000 pieces.");

    private sealed record HoldRow(string ProductId, string Holder, long Quantity, bool IsExpired);

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
        await Lock(tx, [productId]);
        await GiveBackExpired(tx, [productId], ledger);
        var level = await tx.First<StockLevel>("""
            UPDATE shop_stock SET on_hand = on_hand + @delta
            WHERE product_id = @productId AND on_hand + @delta BETWEEN reserved AND @max
            RETURNING on_hand, reserved
            """, new { productId, delta = Math.Clamp(delta, -2 * OnHandMax, 2 * OnHandMax), max = OnHandMax });
        if (level is null) return await WhyNotChanged(tx, productId, delta);
        ledger.Add(new(productId, Movement.Changed, delta, 0, Reason: reason));
        await ledger.Write(tx);
        return level;
    }

    /// <summary>
    /// From now on the holder has exactly these pieces promised, until <paramref name="expiresAt"/>; other products keep what they have.
    /// </summary>
    /// <param name="orFewer">Take what is left where there is not enough, instead of nothing at all.</param>
    public async ValueTask<Problem?> Hold(
        Tx tx, string holder, IReadOnlyList<Pieces> wanted, long expiresAt, string actor, bool orFewer = false)
    {
        var ledger = new Ledger(actor, time.NowMs());
        var (taken, problem) = await Take(tx, holder, wanted, ledger, orFewer);
        if (problem is not null) return problem;
        await tx.Execute($"""
            INSERT INTO shop_holds (product_id, holder, quantity, expires_at)
            SELECT r.product_id, @holder, r.quantity, @expiresAt
            FROM {tx.Dialect.Rows("taken", "product_id text", "quantity bigint")} r
            WHERE r.quantity > 0
            ON CONFLICT (product_id, holder) DO UPDATE SET quantity = excluded.quantity, expires_at = excluded.expires_at
            """, new { taken = Json(taken!), holder, expiresAt });
        await ledger.Write(tx);
        return null;
    }

    /// <summary>Nothing of these products is promised to the holder any more.</summary>
    public async ValueTask Release(Tx tx, string holder, string[] productIds, string actor)
    {
        var ledger = new Ledger(actor, time.NowMs());
        await Take(tx, holder, [.. productIds.Select(productId => new Pieces(productId, 0))], ledger, orFewer: false);
        await EndHolds(tx, holder, productIds);
        await ledger.Write(tx);
    }

    /// <summary>The holder's pieces leave the shelf for an order; what was not held any more is taken now if it is there.</summary>
    public async ValueTask<Problem?> Consume(Tx tx, string holder, IReadOnlyList<Pieces> sold, string orderId, string actor)
    {
        var ledger = new Ledger(actor, time.NowMs());
        var productIds = IdsOf(sold);
        var (_, problem) = await Take(tx, holder, sold, ledger, orFewer: false);
        if (problem is not null) return problem;
        var changed = await tx.Execute($"""
            UPDATE shop_stock SET on_hand = on_hand - r.quantity, reserved = reserved - r.quantity
            FROM {tx.Dialect.Rows("sold", "product_id text", "quantity bigint")} r
            WHERE shop_stock.product_id = r.product_id AND shop_stock.product_id {tx.Dialect.In("productIds")}
            """, new { sold = Json(sold), productIds });
        if (changed != sold.Count) throw new InvalidOperationException($"{sold.Count} products were to be sold, and {changed} were.");
        await EndHolds(tx, holder, productIds);
        foreach (var (productId, quantity) in sold) ledger.Add(new(productId, Movement.Sold, -quantity, -quantity, holder, orderId));
        await ledger.Write(tx);
        return null;
    }

    /// <summary>Pieces of an order are on the shelf again.</summary>
    public async ValueTask Return(Tx tx, IReadOnlyList<Pieces> returned, string orderId, string actor)
    {
        var ledger = new Ledger(actor, time.NowMs());
        var productIds = IdsOf(returned);
        await Lock(tx, productIds);
        var changed = await tx.Execute($"""
            UPDATE shop_stock SET on_hand = on_hand + r.quantity
            FROM {tx.Dialect.Rows("returned", "product_id text", "quantity bigint")} r
            WHERE shop_stock.product_id = r.product_id AND shop_stock.product_id {tx.Dialect.In("productIds")}
            """, new { returned = Json(returned), productIds });
        if (changed != returned.Count)
            throw new InvalidOperationException($"{returned.Count} products were to be returned, and {changed} were.");
        foreach (var (productId, quantity) in returned) ledger.Add(new(productId, Movement.Returned, quantity, 0, OrderId: orderId));
        await ledger.Write(tx);
    }

    /// <summary>Some hold ran out and is not given back yet.</summary>
    public ValueTask<bool> HasExpired(Tx tx) => tx.First<bool>(
        "SELECT EXISTS (SELECT 1 FROM shop_holds WHERE expires_at <= @now)", new { now = time.NowMs() });

    /// <summary>
    /// Tidies: gives back what ran out first, of at most so many products at a time. The number of products that were touched.
    /// </summary>
    public async ValueTask<int> GiveBackExpired(Tx tx, int productsMax)
    {
        var now = time.NowMs();
        string[] productIds = [.. await tx.Query<string>("""
            SELECT DISTINCT product_id
            FROM (SELECT product_id FROM shop_holds WHERE expires_at <= @now ORDER BY expires_at LIMIT @productsMax) oldest
            """, new { now, productsMax })];
        if (productIds.Length == 0) return 0;
        var ledger = new Ledger(Ledger.System, now);
        await Lock(tx, productIds);
        await GiveBackExpired(tx, productIds, ledger);
        await ledger.Write(tx);
        return productIds.Length;
    }

    /// <summary>
    /// Makes what the holder has promised equal to what is wanted in `reserved`, product by product; the caller then writes the holds.
    /// Every piece that is promised goes through the one conditional UPDATE here.
    /// </summary>
    /// <returns>What the holder now has of each.</returns>
    private static async ValueTask<Outcome<List<Pieces>>> Take(
        Tx tx, string holder, IReadOnlyList<Pieces> wanted, Ledger ledger, bool orFewer)
    {
        var productIds = IdsOf(wanted);
        await Lock(tx, productIds);
        var holds = await tx.Query<HoldRow>($"""
            SELECT product_id, holder, quantity, true AS is_expired FROM shop_holds
            WHERE product_id {tx.Dialect.In("productIds")} AND expires_at <= @now
            UNION ALL
            SELECT product_id, holder, quantity, false AS is_expired FROM shop_holds
            WHERE product_id {tx.Dialect.In("productIds")} AND holder = @holder AND expires_at > @now
            """, new { productIds, holder, now = ledger.At });
        await GiveBack(tx, holds.FindAll(hold => hold.IsExpired), ledger);
        var taken = new List<Pieces>();
        foreach (var (productId, quantity) in wanted)
        {
            var has = holds.Find(hold => hold.ProductId == productId && !hold.IsExpired)?.Quantity ?? 0;
            var more = quantity - has;
            if (more != 0 && !await Reserve(tx, productId, more))
            {
                var available = await Available(tx, productId);
                if (!orFewer) return Insufficient.With("productId", productId).With("available", available).With("held", has);
                more = available;
                if (more > 0 && !await Reserve(tx, productId, more)) throw new InvalidOperationException($"{productId} was not locked.");
            }

            if (more != 0) ledger.Add(new(productId, more > 0 ? Movement.Held : Movement.Released, 0, more, holder));
            taken.Add(new(productId, has + more));
        }

        return taken;
    }

    /// <summary>The one statement by which a piece is promised: it does nothing when there are not enough.</summary>
    private static async ValueTask<bool> Reserve(Tx tx, string productId, long more) => await tx.Execute("""
        UPDATE shop_stock SET reserved = reserved + @more
        WHERE product_id = @productId AND on_hand - reserved >= @more
        """, new { productId, more }) == 1;

    /// <summary>What is left once the expired holds of a locked product have been given back.</summary>
    private static async ValueTask<long> Available(Tx tx, string productId) =>
        await tx.First<long>("SELECT on_hand - reserved FROM shop_stock WHERE product_id = @productId", new { productId });

    /// <summary>
    /// In the order of their ids, so that no two wait for each other. The only writer of an engine that has one needs no lock.
    /// </summary>
    private static async ValueTask Lock(Tx tx, string[] productIds)
    {
        if (tx.Dialect.ForUpdate.Length == 0) return;
        await tx.Query<string>($"""
            SELECT product_id FROM shop_stock
            WHERE product_id {tx.Dialect.In("productIds")}
            ORDER BY product_id {tx.Dialect.ForUpdate}
            """, new { productIds });
    }

    private static async ValueTask GiveBackExpired(Tx tx, string[] productIds, Ledger ledger)
    {
        var expired = await tx.Query<HoldRow>($"""
            SELECT product_id, holder, quantity, true AS is_expired FROM shop_holds
            WHERE product_id {tx.Dialect.In("productIds")} AND expires_at <= @now
            """, new { productIds, now = ledger.At });
        await GiveBack(tx, expired, ledger);
    }

    /// <summary>Ends holds of locked products that had run out when the ledger was begun: all that there are of these products.</summary>
    private static async ValueTask GiveBack(Tx tx, List<HoldRow> expired, Ledger ledger)
    {
        if (expired.Count == 0) return;
        List<Pieces> free = [.. expired
            .GroupBy(hold => hold.ProductId, (productId, holds) => new Pieces(productId, holds.Sum(hold => hold.Quantity)))];
        var productIds = IdsOf(free);
        await tx.Execute($"""
            DELETE FROM shop_holds
            WHERE product_id {tx.Dialect.In("productIds")} AND expires_at <= @now
            """, new { productIds, now = ledger.At });
        await tx.Execute($"""
            UPDATE shop_stock SET reserved = reserved - r.quantity
            FROM {tx.Dialect.Rows("free", "product_id text", "quantity bigint")} r
            WHERE shop_stock.product_id = r.product_id AND shop_stock.product_id {tx.Dialect.In("productIds")}
            """, new { free = Json(free), productIds });
        foreach (var hold in expired)
            ledger.Add(new(hold.ProductId, Movement.Expired, 0, -hold.Quantity, hold.Holder, Actor: Ledger.System));
    }

    private static async ValueTask EndHolds(Tx tx, string holder, string[] productIds) => await tx.Execute($"""
        DELETE FROM shop_holds
        WHERE holder = @holder AND product_id {tx.Dialect.In("productIds")}
        """, new { holder, productIds });

    private static async ValueTask<Problem> WhyNotChanged(Tx tx, string productId, long delta)
    {
        var level = await tx.First<StockLevel>(
            "SELECT on_hand, reserved FROM shop_stock WHERE product_id = @productId", new { productId });
        if (level is null) return Product.Unknown;
        return delta > 0 ? TooMuch : Insufficient.With("available", level.OnHand - level.Reserved);
    }

    private static string[] IdsOf(IReadOnlyList<Pieces> pieces) => [.. pieces.Select(one => one.ProductId)];

    private static string Json(IReadOnlyList<Pieces> pieces) => JsonSerializer.Serialize(pieces, Ledger.Columns);
}

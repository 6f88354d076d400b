using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Shop.Widgets;

namespace Kontor.Shop.Catalogue;

/// <param name="Image">An address, within this site or elsewhere.</param>
internal sealed record NewProduct(string Name, string Description, string Category, long PriceMinor, string? Image)
{
    public string Slug { get; init; } = Catalogue.Slug.Of(Name);

    public long RatingTenths { get; init; }

    public long ReviewCount { get; init; }

    /// <summary>Milliseconds since 1970; null for now.</summary>
    public long? CreatedAt { get; init; }
}

/// <summary>Null leaves a value as it is.</summary>
internal sealed record ProductChange(string? Name, string? Description, string? Category, long? PriceMinor, string? Image);

/// <summary>What is for sale and at which price. Only this class writes `shop_products` and `shop_prices`.</summary>
internal sealed class Products(Outbox outbox, TimeProvider time)
{
    /// <summary>Told with a product's id after everything that changes what its page shows, its stock too.</summary>
    public const string Signal = "shop.catalogue";

    public const string Currency = "EUR";

    /// <summary>The span before a price began in which the law looks for the lowest one.</summary>
    private const long LowestWithinMs = 30 * Clock.Day;

    private const int SlugAttemptsMax = 10;

    private sealed record CurrentPrice(long PriceMinor);

    private sealed record Dropped(string Slug, string Name, string Category, long PriceMinor, long? LowestMinor, string Currency);

    /// <summary>The new product's id. Its stock is opened by the caller, in the same transaction.</summary>
    public async ValueTask<string> Add(Tx tx, NewProduct product)
    {
        var id = Ids.New(time);
        for (var attempt = 1; attempt <= SlugAttemptsMax; attempt++)
        {
            var slug = attempt == 1 ? product.Slug : $"{product.Slug}-{attempt}";
            if (await Insert(tx, id, product with { Slug = slug })) return id;
        }

        // So many of the same name: the end of the id tells them apart.
        var own = product with { Slug = $"{product.Slug}-{id[^12..]}" };
        return await Insert(tx, id, own) ? id : throw new InvalidOperationException($"The address {own.Slug} is taken.");
    }

    /// <summary>A change of the price is kept in the history, with the lowest price of the 30 days before.</summary>
    public async ValueTask<Problem?> Change(Tx tx, string id, ProductChange change)
    {
        var current = await tx.First<CurrentPrice>($"""
            SELECT price_minor FROM shop_products
            WHERE id = @id AND is_deleted = false {tx.Dialect.ForUpdate}
            """, new { id });
        if (current is null) return Product.Unknown;
        var now = time.NowMs();
        if (change.PriceMinor is { } price && price != current.PriceMinor)
        {
            await SetPrice(tx, id, price, now);
            if (price < current.PriceMinor) await TellOfDrop(tx, id, current.PriceMinor, now);
        }

        await tx.Execute("""
            UPDATE shop_products
            SET name = COALESCE(@name, name),
                sort_name = COALESCE(@sortName, sort_name),
                description = COALESCE(@description, description),
                category = COALESCE(@category, category),
                image = COALESCE(@image, image),
                updated_at = @now
            WHERE id = @id
            """, new
        {
            id,
            name = change.Name,
            sortName = change.Name is { } name ? Slug.SortKey(name) : null,
            description = change.Description,
            category = change.Category,
            image = change.Image,
            now,
        });
        tx.Signal(Signal, id);
        return null;
    }

    /// <summary>It is no longer for sale; orders and the ledger go on knowing it. Removing it twice is removing it.</summary>
    public async ValueTask<Problem?> Remove(Tx tx, string id)
    {
        var known = await tx.Execute("""
            UPDATE shop_products
            SET updated_at = CASE WHEN is_deleted THEN updated_at ELSE @now END, is_deleted = true
            WHERE id = @id
            """, new { id, now = time.NowMs() });
        if (known == 0) return Product.Unknown;
        tx.Signal(Signal, id);
        ShopWidgets.TellCatalogueChanged(tx);
        return null;
    }

    /// <summary>A price of this product begins; the last one begun is the current one.</summary>
    /// <param name="since">Milliseconds since 1970; moved behind the price before, should the clock have been set back.</param>
    public static async ValueTask SetPrice(Tx tx, string id, long priceMinor, long since)
    {
        var before = await tx.First<long?>("SELECT MAX(valid_from) FROM shop_prices WHERE product_id = @id", new { id });
        if (since <= before) since = before.Value + 1;
        // Also the price that was already there when the 30 days began.
        var lowest = await tx.First<long?>("""
            SELECT MIN(price_minor) FROM shop_prices
            WHERE product_id = @id AND valid_from >= COALESCE(
                (SELECT MAX(valid_from) FROM shop_prices WHERE product_id = @id AND valid_from <= @windowBegin), 0)
            """, new { id, windowBegin = since - LowestWithinMs });
        await tx.Execute("""
            INSERT INTO shop_prices (product_id, price_minor, valid_from)
            VALUES (@id, @priceMinor, @since)
            """, new { id, priceMinor, since });
        await tx.Execute("""
            UPDATE shop_products SET price_minor = @priceMinor, lowest_minor = @lowest, updated_at = @since
            WHERE id = @id
            """, new { id, priceMinor, lowest, since });
        tx.Signal(Signal, id);
        ShopWidgets.TellCatalogueChanged(tx);
    }

    private async ValueTask TellOfDrop(Tx tx, string id, long beforeMinor, long at)
    {
        var now = await tx.First<Dropped>(
            "SELECT slug, name, category, price_minor, lowest_minor, currency FROM shop_products WHERE id = @id", new { id });
        await outbox.Add(tx, new PriceDropped(
            id, now!.Slug, now.Name, now.Category, now.PriceMinor, beforeMinor, now.LowestMinor ?? beforeMinor, now.Currency, at));
    }

    private async ValueTask<bool> Insert(Tx tx, string id, NewProduct product)
    {
        var now = product.CreatedAt ?? time.NowMs();
        var inserted = await tx.Execute("""
            INSERT INTO shop_products (
                id, slug, name, sort_name, description, category, price_minor, currency,
                image, rating_tenths, review_count, is_deleted, created_at, updated_at)
            VALUES (
                @id, @slug, @name, @sortName, @description, @category, @priceMinor, @currency,
                @image, @ratingTenths, @reviewCount, false, @now, @now)
            ON CONFLICT (slug) DO NOTHING
            """, new
        {
            id,
            slug = product.Slug,
            name = product.Name,
            sortName = Slug.SortKey(product.Name),
            description = product.Description,
            category = product.Category,
            priceMinor = product.PriceMinor,
            currency = Currency,
            image = product.Image,
            ratingTenths = product.RatingTenths,
            reviewCount = product.ReviewCount,
            now,
        });
        if (inserted == 0) return false;
        await SetPrice(tx, id, product.PriceMinor, now);
        return true;
    }
}

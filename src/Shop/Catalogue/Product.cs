using Kontor.Foundation;

namespace Kontor.Shop.Catalogue;

/// <summary>A product as it is read: its row, and what is in stock at this moment.</summary>
/// <param name="LowestMinor">The lowest price of the 30 days before the current one began; null when it is the first.</param>
/// <param name="Reserved">Only what is still held: a hold that has run out does not count.</param>
internal sealed record Product(
    string Id,
    string Slug,
    string Name,
    string SortName,
    string Description,
    string Category,
    long PriceMinor,
    long? LowestMinor,
    string Currency,
    string? Image,
    long RatingTenths,
    long ReviewCount,
    long CreatedAt,
    long UpdatedAt,
    long OnHand,
    long Reserved)
{
    public static readonly Problem Unknown = new(404, "not-found", "There is no such product.");

    /// <summary>What a query selects to read products; it binds `@now`.</summary>
    public const string Columns = """
        p.id, p.slug, p.name, p.sort_name, p.description, p.category, p.price_minor, p.lowest_minor, p.currency, p.image,
        p.rating_tenths, p.review_count, p.created_at, p.updated_at,
        COALESCE(s.on_hand, 0) AS on_hand, COALESCE(s.reserved - COALESCE(e.quantity, 0), 0) AS reserved
        """;

    /// <summary>Where they come from. Few holds have run out at any time, because a job gives them back.</summary>
    public const string Source = """
        FROM shop_products p
        LEFT JOIN shop_stock s ON s.product_id = p.id
        LEFT JOIN (
            SELECT product_id, CAST(SUM(quantity) AS BIGINT) AS quantity
            FROM shop_holds
            WHERE expires_at <= @now
            GROUP BY product_id
        ) e ON e.product_id = p.id
        """;

    /// <summary>The pieces that can be bought: a hold that ran out counts no longer.</summary>
    public const string AvailableSql = "COALESCE(s.on_hand - s.reserved + COALESCE(e.quantity, 0), 0)";

    public long Available => OnHand - Reserved;

    public Money Price => new(PriceMinor, Currency);

    public Money LowestPrice => new(LowestMinor ?? PriceMinor, Currency);

    /// <summary>Whether the price is lower than it was in the 30 days before, so that it may be called reduced.</summary>
    public bool IsReduced => PriceMinor < LowestMinor;
}

using Kontor.Foundation;

namespace Kontor.Shop.Catalogue;

/// <summary>A product as it is read: its row, and what is in stock at this moment.</summary>
/// <param name="LowestMinor">The lowest price of the 30 days before the current one began; null when it is the first.</param>
/// <param name="LowAt">So many pieces on the shelf are few.</param>
/// <param name="Waiting">People in line.</param>
/// <param name="Available">What nobody has in a cart or waits for; a hold that ran out counts no longer.</param>
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
    long Available,
    long LowAt,
    long Waiting)
{
    public static readonly Problem Unknown = new(404, "not-found", "There is no such product.");

    /// <summary>The pieces that can be bought: a hold that ran out counts no longer, and who waits has the next ones coming.</summary>
    public const string AvailableSql = """
        GREATEST(0, COALESCE(s.on_hand - s.reserved - s.waiting, 0) + COALESCE((
            SELECT CAST(SUM(h.quantity) AS BIGINT) FROM shop_holds h
            WHERE h.product_id = s.product_id AND h.expires_at <= @now), 0))
        """;

    /// <summary>The condition that no more is on the shelf than is few for this product.</summary>
    public const string LowSql = $"COALESCE(s.on_hand, 0) <= COALESCE(s.low_at, {StockAlerts.LowDefaultSql})";

    /// <summary>What a query selects to read products; it binds `@now`.</summary>
    public const string Columns = $"""
        p.id, p.slug, p.name, p.sort_name, p.description, p.category, p.price_minor, p.lowest_minor, p.currency, p.image,
        p.rating_tenths, p.review_count, p.created_at, p.updated_at,
        COALESCE(s.on_hand, 0) AS on_hand, {AvailableSql} AS available,
        COALESCE(s.low_at, {StockAlerts.LowDefaultSql}) AS low_at, COALESCE(s.waiting, 0) AS waiting
        """;

    /// <summary>Where they come from.</summary>
    public const string Source = "FROM shop_products p LEFT JOIN shop_stock s ON s.product_id = p.id";

    /// <summary>Pieces that lie in carts or are kept for who waits.</summary>
    public long Reserved => OnHand - Available;

    public Money Price => new(PriceMinor, Currency);

    public Money LowestPrice => new(LowestMinor ?? PriceMinor, Currency);

    /// <summary>Whether the price is lower than it was in the 30 days before, so that it may be called reduced.</summary>
    public bool IsReduced => PriceMinor < LowestMinor;
}

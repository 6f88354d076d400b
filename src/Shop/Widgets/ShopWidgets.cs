using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;

namespace Kontor.Shop.Widgets;

/// <summary>What the shop shows on the front page: an offer, reductions, favourites, and what lies in the visitor's cart.</summary>
internal sealed class ShopWidgets(Database database, TimeProvider time) : IWidgetSource
{
    /// <summary>One row of six on a large screen, two of three or three of two on smaller ones.</summary>
    private const int GridMax = 6;

    private const int HeroTextMax = 200;

    /// <summary>Stock moves with every order; a minute late, a grid shows a product that has just run out, and its page says so.</summary>
    private const int SharedSeconds = 60;

    private const int CartSeconds = 600;

    /// <summary>What a grid shows of a product.</summary>
    /// <param name="LowestMinor">The lowest price of the 30 days before the current one; null when it is the first.</param>
    /// <param name="Quantity">In the visitor's cart, else 0.</param>
    private sealed record Item(
        string Id, string Slug, string Name, string Description, long PriceMinor, long? LowestMinor, string Currency, string? Image,
        long Quantity)
    {
        public Money Price => new(PriceMinor, Currency);

        public Money? PreviousPrice => LowestMinor > PriceMinor ? new(LowestMinor.Value, Currency) : null;

        public string Href => $"/products/{Slug}";
    }

    public string Name => "shop";

    public IReadOnlyList<WidgetOffer> Widgets { get; } =
    [
        new("hero", "hero", Title("Featured offer", "Unser Angebot"), 900, Personal: false, SharedSeconds),
        new("continue-shopping", "product-grid", Title("Still in your cart", "Noch in Ihrem Warenkorb"), 800, Personal: true, CartSeconds),
        new("deals", "product-grid", Title("Reduced", "Reduziert"), 600, Personal: false, SharedSeconds),
        new("best-rated", "product-grid", Title("Best rated", "Am besten bewertet"), 500, Personal: false, SharedSeconds),
    ];

    public Task<JsonObject?> Content(string key, string? userId, CancellationToken ct) => key switch
    {
        "hero" => Hero(ct),
        "deals" => Grid("p.price_minor < p.lowest_minor", "p.price_minor * 1000 / p.lowest_minor, p.id", ct),
        // What is reduced has a grid of its own.
        "best-rated" => Grid(
            "p.review_count > 0 AND p.price_minor >= COALESCE(p.lowest_minor, 0)", "p.rating_tenths DESC, p.review_count DESC, p.id", ct),
        "continue-shopping" => Cart(userId!, ct),
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "The shop does not offer this."),
    };

    /// <summary>Prices or products have changed, and with them what all visitors are shown, of their carts too.</summary>
    public static void TellCatalogueChanged(Tx tx)
    {
        foreach (var key in new[] { "hero", "deals", "best-rated", "continue-shopping" }) new WidgetStale("shop", key, null).Tell(tx);
    }

    private async Task<JsonObject?> Hero(CancellationToken ct)
    {
        // Of what is reduced, what buyers like best.
        var found = await InStock("p.price_minor < p.lowest_minor", "p.rating_tenths DESC, p.review_count DESC, p.id", 1, ct);
        if (found is not [var item]) return null;
        var hero = new JsonObject
        {
            ["title"] = item.Name,
            ["text"] = FirstSentence(item.Description),
            ["link"] = new JsonObject { ["href"] = item.Href, ["label"] = "See the offer" },
        };
        if (ImageOf(item) is { } image) hero["imageUrl"] = image;
        return hero;
    }

    private async Task<JsonObject?> Grid(string condition, string order, CancellationToken ct) =>
        GridOf(await InStock(condition, order, GridMax, ct));

    private async Task<JsonObject?> Cart(string userId, CancellationToken ct) => GridOf(await database.Read(
        tx => tx.Query<Item>($"""
            SELECT p.id, p.slug, p.name, p.description, p.price_minor, p.lowest_minor, p.currency, p.image, l.quantity
            FROM shop_carts c
            JOIN shop_cart_lines l ON l.cart_id = c.id
            JOIN shop_products p ON p.id = l.product_id
            WHERE c.user_id = @userId AND p.is_deleted = false
            ORDER BY l.added_at DESC, p.id
            LIMIT {GridMax}
            """, new { userId }).AsTask(), ct));

    private Task<List<Item>> InStock(string condition, string order, int limit, CancellationToken ct) => database.Read(
        tx => tx.Query<Item>($"""
            SELECT p.id, p.slug, p.name, p.description, p.price_minor, p.lowest_minor, p.currency, p.image,
                   CAST(0 AS BIGINT) AS quantity
            {Product.Source}
            WHERE p.is_deleted = false AND {Product.AvailableSql} > 0 AND {condition}
            ORDER BY {order}
            LIMIT {limit}
            """, new { now = time.NowMs() }).AsTask(), ct);

    private static JsonObject? GridOf(List<Item> items) =>
        items.Count == 0 ? null : new() { ["items"] = new JsonArray([.. items.Select(View)]) };

    private static JsonNode View(Item item)
    {
        var view = new JsonObject
        {
            ["productId"] = item.Id,
            ["name"] = item.Name,
            ["price"] = item.Price.Major,
            ["currency"] = item.Currency,
            ["href"] = item.Href,
        };
        if (ImageOf(item) is { } image) view["imageUrl"] = image;
        if (item.PreviousPrice is { } previous) view["previousPrice"] = previous.Major;
        if (BadgeOf(item) is { } badge) view["badge"] = badge;
        return view;
    }

    private static string? BadgeOf(Item item)
    {
        if (item.Quantity > 1) return $"{item.Quantity} ×";
        // Rounded down: no more is promised than is given.
        var percent = item.PreviousPrice is { } previous ? 100 * (previous.Minor - item.PriceMinor) / previous.Minor : 0;
        return percent > 0 && item.Quantity == 0 ? $"−{percent} %" : null;
    }

    /// <summary>A picture elsewhere that is not reached safely is left out rather than the whole widget.</summary>
    private static string? ImageOf(Item item) =>
        item.Image is ['/', ..] || item.Image?.StartsWith("https://", StringComparison.Ordinal) == true ? item.Image : null;

    private static string FirstSentence(string description)
    {
        var end = description.IndexOf(". ", StringComparison.Ordinal);
        var sentence = end < 0 ? description : description[..(end + 1)];
        if (sentence.Length <= HeroTextMax) return sentence;
        var space = sentence.LastIndexOf(' ', HeroTextMax - 1);
        return string.Concat(sentence.AsSpan(0, space > 0 ? space : HeroTextMax - 1), "…");
    }

    private static Dictionary<string, string> Title(string english, string german) => new() { ["en"] = english, ["de"] = german };
}

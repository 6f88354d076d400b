using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Components;

namespace Kontor.Shop;

/// <summary>What search engines read of a product (schema.org): data, no script, so the page's policy has nothing against it.</summary>
internal static class StructuredData
{
    public static MarkupString Of(ShopPages.Item item, string origin)
    {
        var product = new Dictionary<string, object?>
        {
            ["@context"] = "https://schema.org",
            ["@type"] = "Product",
            ["name"] = item.Name,
            ["description"] = item.Description,
            ["image"] = item.Picture.StartsWith('/') ? origin + item.Picture : item.Picture,
            ["sku"] = item.Id,
            ["offers"] = new Dictionary<string, object?>
            {
                ["@type"] = "Offer",
                ["url"] = $"{origin}/products/{item.Slug}",
                ["price"] = item.Price.Major.ToString(CultureInfo.InvariantCulture),
                ["priceCurrency"] = item.Price.Currency,
                ["availability"] = $"https://schema.org/{(item.Available > 0 ? "InStock" : "OutOfStock")}",
            },
        };
        if (item.ReviewCount > 0)
        {
            product["aggregateRating"] = new Dictionary<string, object?>
            {
                ["@type"] = "AggregateRating",
                ["ratingValue"] = (item.RatingTenths / 10m).ToString(CultureInfo.InvariantCulture),
                ["reviewCount"] = item.ReviewCount,
            };
        }

        // The serializer writes < and > as escapes, so that no name or description ends the element.
        return new MarkupString($"<script type=\"application/ld+json\">{JsonSerializer.Serialize(product)}</script>");
    }
}

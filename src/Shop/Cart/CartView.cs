using System.Text.Json.Serialization;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;

namespace Kontor.Shop.Cart;

/// <param name="Slug">Its page is `/products/{slug}`.</param>
/// <param name="Price">What the product cost when it came into the cart.</param>
/// <param name="CurrentPrice">What it costs now; a drop is passed on at checkout, a rise asks for consent.</param>
/// <param name="Held">How many pieces are kept from others.</param>
/// <param name="HeldUntil">Until when; null when none are.</param>
public sealed record CartLineView(
    string ProductId,
    string Slug,
    string Name,
    long Quantity,
    decimal Price,
    decimal CurrentPrice,
    string? ImageUrl,
    long Held,
    DateTimeOffset? HeldUntil,
    CartLineState State)
{
    /// <summary>So many were asked for, and there were no more than `quantity`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? Wanted { get; init; }

    internal static CartLineView Of(CartLine line) => new(
        line.ProductId,
        line.Slug,
        line.Name,
        line.Quantity,
        line.Price.Major,
        line.CurrentPrice.Major,
        line.Image,
        line.Held,
        line.HeldUntil?.ToTime(),
        line.State)
    {
        Wanted = line.Wanted,
    };
}

/// <param name="Total">At current prices, without products that are gone.</param>
public sealed record CartView(IReadOnlyList<CartLineView> Items, decimal Total, string Currency)
{
    /// <summary>In a guest's first answer only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CartToken { get; init; }

    internal static CartView Of(IReadOnlyList<CartLine> lines) => new(
        [.. lines.Select(CartLineView.Of)],
        lines.Where(line => !line.IsDeleted).Sum(line => line.CurrentPrice.Major * line.Quantity),
        Products.Currency);
}

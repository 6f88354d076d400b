using Kontor.Foundation.Events;

namespace Kontor.Shop.Catalogue;

/// <summary>A product costs less than before.</summary>
/// <param name="BeforeMinor">Its price until then.</param>
/// <param name="LowestMinor">
/// The lowest of the 30 days before, beside which the law shows a reduction; the new price may be above it, and is then no reduction.
/// </param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record PriceDropped(
    string ProductId,
    string Slug,
    string ProductName,
    string Category,
    long PriceMinor,
    long BeforeMinor,
    long LowestMinor,
    string Currency,
    long At)
    : IEvent
{
    public static string Name => "shop.price-dropped";
}

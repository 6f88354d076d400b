using System.Globalization;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Http;

namespace Kontor.Shop.Catalogue;

/// <summary>What somebody looks for, in one spelling for all requests that mean the same.</summary>
/// <param name="Words">All of them must occur in the name, the description or the category.</param>
internal sealed record ProductQuery(
    IReadOnlyList<string> Words,
    string? Category,
    bool InStock,
    long? MinMinor,
    long? MaxMinor,
    ProductSort Sort,
    int Limit,
    ProductCursor? After)
{
    /// <summary>Each word is a scan of its own; who types more has said enough.</summary>
    private const int WordsMax = 8;

    public static ProductQuery Everything { get; } =
        new([], null, false, null, null, ProductSort.ByName, Paging.LimitDefault, null);

    /// <summary>Reads what <see cref="ListProducts.Request"/>'s rules let pass; only a cursor can still be refused.</summary>
    public static Outcome<ProductQuery> Of(ListProducts.Request asked)
    {
        var sort = ProductSort.Named(asked.Sort);
        var after = string.IsNullOrEmpty(asked.Cursor) ? null : sort.Read(asked.Cursor);
        if (after is null && !string.IsNullOrEmpty(asked.Cursor)) return Paging.CursorInvalid;
        return new ProductQuery(
            [.. WordsOf(asked.Q)],
            string.IsNullOrWhiteSpace(asked.Category) ? null : asked.Category.Trim(),
            asked.InStock == "true",
            MinorOf(asked.MinPrice),
            MinorOf(asked.MaxPrice),
            sort,
            Paging.Limit(string.IsNullOrEmpty(asked.Limit) ? null : int.Parse(asked.Limit, CultureInfo.InvariantCulture)),
            after);
    }

    /// <summary>The same text for the same question, and for no other.</summary>
    public string Key() => JsonSerializer.Serialize(new object?[]
    {
        Words, Category, InStock, MinMinor, MaxMinor, Sort.Name, Limit, After?.Value, After?.Id,
    });

    private static IEnumerable<string> WordsOf(string? q) => (q ?? "")
        .ToLowerInvariant()
        .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        .Distinct(StringComparer.Ordinal)
        .Take(WordsMax);

    private static long? MinorOf(string? price) => string.IsNullOrEmpty(price)
        ? null
        : Money.FromMajor(decimal.Parse(price, CultureInfo.InvariantCulture), Products.Currency)!.Value.Minor;
}

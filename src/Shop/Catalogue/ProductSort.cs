using System.Globalization;
using Kontor.Foundation.Http;

namespace Kontor.Shop.Catalogue;

/// <summary>The last product of a page: the value that it was sorted by, and its id.</summary>
/// <param name="Value">Text or a whole number, as its column.</param>
internal sealed record ProductCursor(object Value, string Id);

/// <summary>An order of the product list, made total by the id so that pages neither repeat nor miss a product.</summary>
internal sealed record ProductSort(string Name, string Column, bool IsDescending, bool IsText, Func<Product, object> ValueOf)
{
    public static readonly ProductSort ByName = new("name", "p.sort_name", false, true, product => product.SortName);

    /// <summary>As a pattern for the API's description.</summary>
    public const string Names = "^(name|-?price|rating|newest)$";

    private static readonly ProductSort[] All =
    [
        ByName,
        new("price", "p.price_minor", false, false, product => product.PriceMinor),
        new("-price", "p.price_minor", true, false, product => product.PriceMinor),
        new("rating", "p.rating_tenths", true, false, product => product.RatingTenths),
        new("newest", "p.created_at", true, false, product => product.CreatedAt),
    ];

    public string OrderBy => IsDescending ? $"{Column} DESC, p.id DESC" : $"{Column}, p.id";

    /// <summary>The condition that a product comes after the cursor's, given as `@after` and `@afterId`.</summary>
    public string After => $"({Column}, p.id) {(IsDescending ? '<' : '>')} (@after, @afterId)";

    /// <summary>By name when it is not given.</summary>
    public static ProductSort Named(string? name) => Array.Find(All, sort => sort.Name == name) ?? ByName;

    public string Write(Product last) =>
        Paging.Encode(Name, Convert.ToString(ValueOf(last), CultureInfo.InvariantCulture)!, last.Id);

    /// <summary>Null when the cursor is not one of this order's.</summary>
    public ProductCursor? Read(string cursor)
    {
        if (Paging.Decode(cursor, 3) is not [var sort, var value, var id] || sort != Name) return null;
        if (IsText) return new ProductCursor(value, id);
        return long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? new ProductCursor(number, id)
            : null;
    }
}

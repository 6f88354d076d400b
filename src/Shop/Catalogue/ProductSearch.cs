using System.Text;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Catalogue;

/// <summary>Finds products that are for sale, for the API and for the pages.</summary>
internal sealed class ProductSearch(Database database, TimeProvider time)
{
    /// <param name="Total">Of all pages.</param>
    public sealed record Page(IReadOnlyList<Product> Products, long Total, string? NextCursor, IReadOnlyList<Category> Categories)
    {
        public long? MinMinor => Categories.Where(category => category.IsChosen).Min(category => (long?)category.MinMinor);

        public long? MaxMinor => Categories.Where(category => category.IsChosen).Max(category => (long?)category.MaxMinor);
    }

    /// <param name="Count">Products that fit all but the choice of the category.</param>
    /// <param name="MinMinor">The cheapest that fits all but the choice of the price.</param>
    /// <param name="IsChosen">This category is asked for, or none is.</param>
    public sealed record Category(string Name, long Count, long MinMinor, long MaxMinor, bool IsChosen);

    private sealed record CategoryRow(string Category, long Count, long MinMinor, long MaxMinor);

    /// <summary>Null when there is none, or none any more.</summary>
    public Task<Product?> Find(string idOrSlug, CancellationToken ct) => database.Read(tx => Find(tx, idOrSlug).AsTask(), ct);

    /// <summary>As the transaction sees it, with what it has changed itself.</summary>
    public ValueTask<Product?> Find(Tx tx, string idOrSlug) => tx.First<Product>($"""
        SELECT {Product.Columns}
        {Product.Source}
        WHERE (p.id = @idOrSlug OR p.slug = @idOrSlug) AND p.is_deleted = false
        """, new { idOrSlug, now = time.NowMs() });

    public Task<Page> List(ProductQuery query, CancellationToken ct) => database.Snapshot(async tx =>
    {
        var filter = new Filter(query, time.NowMs(), tx.Dialect);
        var products = await tx.Query<Product>($"""
            SELECT {Product.Columns}
            {Product.Source}
            WHERE {filter.OfPage}
            ORDER BY {query.Sort.OrderBy}
            LIMIT {query.Limit + 1}
            """, filter.PageValues);
        var categories = await tx.Query<CategoryRow>($"""
            SELECT p.category,
                   CAST(SUM(CASE WHEN p.price_minor BETWEEN @min AND @max THEN 1 ELSE 0 END) AS BIGINT) AS count,
                   MIN(p.price_minor) AS min_minor,
                   MAX(p.price_minor) AS max_minor
            {(query.InStock ? Product.Source : "FROM shop_products p")}
            WHERE {filter.OfFacets}
            GROUP BY p.category
            ORDER BY p.category
            LIMIT {CategoriesMax}
            """, filter.FacetValues);
        return PageOf(query, products, categories);
    }, ct);

    /// <summary>A shop has a few dozen; more would be a mistake of whoever fills it.</summary>
    private const int CategoriesMax = 1000;

    private static Page PageOf(ProductQuery query, List<Product> products, List<CategoryRow> rows)
    {
        var categories = rows
            .Select(row => new Category(
                row.Category, row.Count, row.MinMinor, row.MaxMinor, query.Category is null || row.Category == query.Category))
            .ToList();
        var isLast = products.Count <= query.Limit;
        if (!isLast) products.RemoveAt(query.Limit);
        return new Page(
            products,
            categories.Where(category => category.IsChosen).Sum(category => category.Count),
            isLast ? null : query.Sort.Write(products[^1]),
            categories);
    }

    /// <summary>The conditions of a query, and the values they compare with.</summary>
    private sealed class Filter
    {
        private readonly List<string> _page = [];
        private readonly List<string> _facets = ["p.is_deleted = false"];

        public Filter(ProductQuery query, long now, Dialect dialect)
        {
            FacetValues["min"] = query.MinMinor ?? 0;
            FacetValues["max"] = query.MaxMinor ?? long.MaxValue;
            if (query.InStock)
            {
                _facets.Add($"{Product.AvailableSql} > 0");
                FacetValues["now"] = now;
            }

            for (var i = 0; i < query.Words.Count; i++) AddWord($"word{i}", query.Words[i], dialect);
            PageValues = new(FacetValues) { ["now"] = now };
            PageValues.Remove("min");
            PageValues.Remove("max");
            AddToPage("p.category = @category", "category", query.Category);
            AddToPage("p.price_minor >= @min", "min", query.MinMinor);
            AddToPage("p.price_minor <= @max", "max", query.MaxMinor);
            AddToPage(query.Sort.After, "after", query.After?.Value);
            if (query.After is { } after) PageValues["afterId"] = after.Id;
        }

        /// <summary>All conditions.</summary>
        public string OfPage => string.Join("\n  AND ", [.. _facets, .. _page]);

        public Dictionary<string, object?> PageValues { get; }

        /// <summary>All but the category and the price, which the facets show the choice of.</summary>
        public string OfFacets => string.Join("\n  AND ", _facets);

        public Dictionary<string, object?> FacetValues { get; } = [];

        private void AddToPage(string condition, string name, object? value)
        {
            if (value is null) return;
            _page.Add(condition);
            PageValues[name] = value;
        }

        private void AddWord(string name, string word, Dialect dialect)
        {
            var places = new List<string>();
            foreach (var (i, spelling) in Spellings(word).Index())
            {
                var contains = $"{dialect.Like($"{name}_{i}")} ESCAPE '\\'";
                places.Add($"p.name {contains} OR p.description {contains} OR p.category {contains}");
                FacetValues[$"{name}_{i}"] = $"%{Escape(spelling)}%";
            }

            _facets.Add($"({string.Join(" OR ", places)})");
        }

        /// <summary>Some databases know the capitals of ASCII only: other letters are looked for in each form that words have.</summary>
        private static IEnumerable<string> Spellings(string word) => Ascii.IsValid(word)
            ? [word]
            : new[] { word, char.ToUpperInvariant(word[0]) + word[1..], word.ToUpperInvariant() }.Distinct(StringComparer.Ordinal);

        private static string Escape(string word) => word
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("%", "\\%", StringComparison.Ordinal)
            .Replace("_", "\\_", StringComparison.Ordinal);
    }
}

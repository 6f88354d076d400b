using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Shop.Catalogue;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>The shop window: the products in a grid.</summary>
public static class ShopPages
{
    private const string PageLimit = "24";

    /// <summary>The form above the grid as it was sent; what makes no sense is shown again beside its reason, and not looked for.</summary>
    public sealed record Filter
    {
        [FromQuery(Name = "q")]
        public string? Q { get; init; }

        [FromQuery(Name = "inStock")]
        public string? InStock { get; init; }

        [FromQuery(Name = "minPrice")]
        public string? MinPrice { get; init; }

        [FromQuery(Name = "maxPrice")]
        public string? MaxPrice { get; init; }

        [FromQuery(Name = "sort")]
        public string? Sort { get; init; }

        [FromQuery(Name = "cursor")]
        public string? Cursor { get; init; }

        public static Filter Nothing { get; } = new();
    }

    /// <param name="Picture">Its address, with its version.</param>
    /// <param name="Was">The lowest price of the 30 days before, when it was higher.</param>
    public sealed record Item(
        string Id,
        string Slug,
        string Name,
        string Description,
        string Category,
        string Picture,
        Money Price,
        Money? Was,
        long RatingTenths,
        long ReviewCount,
        long Available);

    /// <param name="Category">The chosen one; null for all.</param>
    /// <param name="Errors">By the name of the filter's field.</param>
    public sealed record Window(
        string? Category,
        Filter Filter,
        IReadOnlyDictionary<string, string> Errors,
        IReadOnlyList<Item> Items,
        long Total,
        string? NextCursor,
        IReadOnlyList<ListProducts.CategoryCount> Categories);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/shop", ([AsParameters] Filter filter, ProductSearch search, Assets assets, CancellationToken ct) =>
            Show(null, filter, search, assets, ct));
        pages.MapGet("/shop/{category}", Show);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string? category, [AsParameters] Filter filter, ProductSearch search, Assets assets, CancellationToken ct)
    {
        var asked = new ListProducts.Request
        {
            Q = filter.Q,
            Category = category,
            InStock = filter.InStock,
            MinPrice = filter.MinPrice,
            MaxPrice = filter.MaxPrice,
            Sort = filter.Sort,
            Limit = PageLimit,
            Cursor = filter.Cursor,
        };
        var errors = ErrorsOf(asked);
        var (query, problem) = ProductQuery.Of(Sensible(asked, errors));
        if (problem is not null) return problem.ToResult();
        var page = await search.List(query!, ct);
        var window = new Window(
            category,
            filter,
            errors,
            [.. page.Products.Select(product => ItemOf(product, assets))],
            page.Total,
            page.NextCursor,
            ListProducts.FacetsOf(page).Categories);
        var isUnknown = category is not null && filter == Filter.Nothing && page.Total == 0;
        return Pages.Render<ShopPage>(new { Window = window }, isUnknown ? StatusCodes.Status404NotFound : StatusCodes.Status200OK);
    }

    internal static Item ItemOf(Product product, Assets assets) => new(
        product.Id,
        product.Slug,
        product.Name,
        product.Description,
        product.Category,
        PictureOf(product.Image, assets),
        product.Price,
        product.IsReduced ? product.LowestPrice : null,
        product.RatingTenths,
        product.ReviewCount,
        product.Available);

    /// <summary>A picture of our own has its version in its address, so that it is loaded once.</summary>
    internal static string PictureOf(string? image, Assets assets)
    {
        const string own = "/assets/";
        if (image is null) return assets["shop/no-picture.svg"];
        return image.StartsWith(own, StringComparison.Ordinal) ? assets[image[own.Length..]] : image;
    }

    /// <summary>The API's own rules, which answer a program with 400 and a person with a sentence beside the field.</summary>
    private static Dictionary<string, string> ErrorsOf(ListProducts.Request asked)
    {
        var found = new List<ValidationResult>();
        Validator.TryValidateObject(asked, new ValidationContext(asked), found, validateAllProperties: true);
        return found.ToDictionary(error => error.MemberNames.First(), error => error.ErrorMessage!);
    }

    private static ListProducts.Request Sensible(ListProducts.Request asked, Dictionary<string, string> errors) => asked with
    {
        Q = errors.ContainsKey(nameof(asked.Q)) ? null : asked.Q,
        InStock = errors.ContainsKey(nameof(asked.InStock)) ? null : asked.InStock,
        MinPrice = errors.ContainsKey(nameof(asked.MinPrice)) ? null : asked.MinPrice,
        MaxPrice = errors.ContainsKey(nameof(asked.MaxPrice)) ? null : asked.MaxPrice,
        Sort = errors.ContainsKey(nameof(asked.Sort)) ? null : asked.Sort,
    };
}

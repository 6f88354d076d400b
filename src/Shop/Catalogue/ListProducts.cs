using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Catalogue;

/// <summary>The products for sale, filtered, sorted, page by page, with what else there is to choose from.</summary>
public static class ListProducts
{
    // Not \d, which takes the digits of every script; the numbers are then read as ours.
    private const string Price = @"^[0-9]{1,9}(\.[0-9]{1,2})?$";

    /// <summary>All values arrive as text, so that a wrong one is named in the answer; an empty one is as if it were not there.</summary>
    public sealed record Request
    {
        [FromQuery(Name = "q"), MaxLength(200, ErrorMessage = "At most 200 characters.")]
        public string? Q { get; init; }

        [FromQuery(Name = "category"), MaxLength(60, ErrorMessage = "At most 60 characters.")]
        public string? Category { get; init; }

        [FromQuery(Name = "inStock"), RegularExpression("^(true|false)$", ErrorMessage = "Either true or false.")]
        public string? InStock { get; init; }

        [FromQuery(Name = "minPrice"), RegularExpression(Price, ErrorMessage = "An amount such as 19.90.")]
        public string? MinPrice { get; init; }

        [FromQuery(Name = "maxPrice"), RegularExpression(Price, ErrorMessage = "An amount such as 19.90.")]
        public string? MaxPrice { get; init; }

        [FromQuery(Name = "sort"),
            RegularExpression(ProductSort.Names, ErrorMessage = "One of name, price, -price, rating, newest.")]
        public string? Sort { get; init; }

        [FromQuery(Name = "limit"), RegularExpression("^[0-9]{1,9}$", ErrorMessage = "A whole number; at most 200 are given.")]
        public string? Limit { get; init; }

        [FromQuery(Name = "cursor"), MaxLength(1000, ErrorMessage = "At most 1000 characters.")]
        public string? Cursor { get; init; }
    }

    public sealed record Response(IReadOnlyList<GetProduct.Response> Products, long Total, string? NextCursor, Facets Facets);

    /// <param name="Categories">With the number of products that fit everything else that was asked.</param>
    /// <param name="Price">The range of prices of what fits everything else; null when nothing does.</param>
    public sealed record Facets(IReadOnlyList<CategoryCount> Categories, PriceRange? Price);

    public sealed record CategoryCount(string Category, long Count);

    public sealed record PriceRange(decimal Min, decimal Max, string Currency);

    internal static void Map(RouteGroupBuilder products) =>
        products.MapGet("", Handle).WithName("ListProducts").AnsweredFromMemory(http => http.Request.QueryString.Value ?? "");

    private static async Task<Results<Answer<Response>, ProblemHttpResult>> Handle(
        [AsParameters] Request request, HttpContext http, CurrentUser? user, ProductSearch search, CatalogueCache cache)
    {
        var (query, problem) = ProductQuery.Of(request);
        if (problem is not null) return problem.ToResult();
        var admin = user is { IsAdmin: true };
        if (admin) return new Answer<Response>(cache.Once(await Read(search, query!, admin, http.RequestAborted)));
        var answer = await cache.Get(
            http.Request.QueryString.Value ?? "", query!.Key(), async () => await Read(search, query, admin, CancellationToken.None));
        return new Answer<Response>(answer!);
    }

    internal static async Task<Response> Read(ProductSearch search, ProductQuery query, bool admin, CancellationToken ct)
    {
        var page = await search.List(query, ct);
        return new Response(
            [.. page.Products.Select(product => GetProduct.Response.Of(product, admin))],
            page.Total,
            page.NextCursor,
            FacetsOf(page));
    }

    internal static Facets FacetsOf(ProductSearch.Page page) => new(
        [.. page.Categories.Where(category => category.Count > 0).Select(category => new CategoryCount(category.Name, category.Count))],
        page is { MinMinor: { } min, MaxMinor: { } max }
            ? new PriceRange(new Money(min, Products.Currency).Major, new Money(max, Products.Currency).Major, Products.Currency)
            : null);
}

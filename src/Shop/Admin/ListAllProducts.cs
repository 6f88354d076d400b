using Kontor.Foundation.Http;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Admin;

/// <summary>The public list with what only admins see, and never from memory.</summary>
public static class ListAllProducts
{
    internal static void Map(RouteGroupBuilder products) => products.MapGet("", Handle).WithName("ListAllProducts");

    private static async Task<Results<Ok<ListProducts.Response>, ProblemHttpResult>> Handle(
        [AsParameters] ListProducts.Request request, ProductSearch search, CancellationToken ct)
    {
        var (query, problem) = ProductQuery.Of(request);
        return problem is null ? TypedResults.Ok(await ListProducts.Read(search, query!, admin: true, ct)) : problem.ToResult();
    }
}

using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Admin;

/// <summary>So many pieces of a product are few: whoever runs the shop is told once each time that no more than these are left.</summary>
public static class ChangeThreshold
{
    public const string Message = "A whole number from 0 to 1,000,000,000, or nothing for the usual 5.";

    /// <param name="Pieces">Null for the usual 5; with 0 only the last piece is told of.</param>
    public sealed record Request([property: Range(0L, Stock.OnHandMax, ErrorMessage = Message)] long? Pieces = null);

    internal static void Map(RouteGroupBuilder products) =>
        products.MapPut("/{id}/stock/threshold", Handle).WithName("ChangeStockThreshold");

    private static async Task<Results<Ok<GetProduct.Response>, ProblemHttpResult>> Handle(
        string id, Request request, ProductSearch search, Database database, CancellationToken ct)
    {
        var (changed, problem) = await Change(id, request, search, database, ct);
        return problem is null ? TypedResults.Ok(changed!) : problem.ToResult();
    }

    internal static Task<Outcome<GetProduct.Response>> Change(
        string id, Request request, ProductSearch search, Database database, CancellationToken ct) =>
        database.Write<Outcome<GetProduct.Response>>(async tx =>
        {
            if (await search.Find(tx, id) is not { } product || product.Id != id) return Product.Unknown;
            await Shelf.SetLow(tx, id, request.Pieces);
            return GetProduct.Response.Of((await search.Find(tx, id))!, admin: true);
        }, ct);
}

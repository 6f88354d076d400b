using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Admin;

/// <summary>Takes a product off sale. Its orders, its stock and its ledger stay.</summary>
public static class RemoveProduct
{
    internal static void Map(RouteGroupBuilder products) => products.MapDelete("/{id}", Handle).WithName("RemoveProduct");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, Products products, Database database, CancellationToken ct)
    {
        var (_, problem) = await database.Write(async tx => new Outcome<string>(id, await products.Remove(tx, id)), ct);
        return problem is null ? TypedResults.NoContent() : problem.ToResult();
    }
}

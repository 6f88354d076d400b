using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Admin;

/// <summary>
/// Goods came in, were counted or were lost. Only a difference can be given, because an absolute number would undo the sales since it was
/// read; and never below what lies in carts.
/// </summary>
public static class ChangeStock
{
    public sealed record Request(
        [property: Required, Range(-Stock.OnHandMax, Stock.OnHandMax, ErrorMessage = "A whole number, at most 1,000,000,000.")]
        [property: DeniedValues(0L, ErrorMessage = "A difference of 0 changes nothing.")]
        long? Delta = null,
        [property: Required, MaxLength(200), RegularExpression(ProductRules.Line, ErrorMessage = ProductRules.LineMessage)]
        string? Reason = null);

    internal static void Map(RouteGroupBuilder products) =>
        products.MapPost("/{id}/stock", Handle).WithName("ChangeStock").Idempotent();

    private static async Task<Results<Ok<GetProduct.Response>, ProblemHttpResult>> Handle(
        string id, Request request, CurrentUser user, Stock stock, ProductSearch search, Database database, Idempotency idempotency,
        CancellationToken ct)
    {
        var (changed, problem) = await database.Write(
            tx => idempotency.Once<GetProduct.Response>(tx, () => Change(tx, id, request, $"admin:{user.Id}", stock, search)), ct);
        return problem is null ? TypedResults.Ok(changed!) : problem.ToResult();
    }

    internal static async Task<Outcome<GetProduct.Response>> Change(
        Tx tx, string id, Request request, string actor, Stock stock, ProductSearch search)
    {
        var (_, problem) = await stock.Change(tx, id, request.Delta!.Value, request.Reason!.Trim(), actor);
        if (problem is not null) return problem;
        // What is not for sale any more has no stock to look after.
        return await search.Find(tx, id) is { } product ? GetProduct.Response.Of(product, admin: true) : Product.Unknown;
    }
}

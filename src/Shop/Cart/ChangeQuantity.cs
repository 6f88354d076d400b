using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Cart;

/// <summary>So many pieces of a product that is in the cart, instead of those that were wanted before.</summary>
public static class ChangeQuantity
{
    public sealed record Request([property: Required, Range(1, Carts.QuantityMax)] int? Quantity = null);

    internal static void Map(RouteGroupBuilder cart) =>
        cart.MapPatch("/{productId}", Handle).WithName("ChangeCartQuantity").Idempotent();

    private static async Task<Results<Ok<CartView>, ProblemHttpResult>> Handle(
        string productId, Request request, CartOwner owner, Carts carts, Database database, Idempotency idempotency, CancellationToken ct)
    {
        var (cart, problem) = await owner.Change(
            database, idempotency, tx => carts.Change(tx, owner, productId, request.Quantity!.Value), ct);
        return problem is null ? TypedResults.Ok(cart) : problem.ToResult();
    }
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Cart;

/// <summary>Takes everything out of the cart.</summary>
public static class EmptyCart
{
    internal static void Map(RouteGroupBuilder cart) => cart.MapDelete("", Handle).WithName("EmptyCart").Idempotent();

    private static async Task<Results<Ok<CartView>, ProblemHttpResult>> Handle(
        CartOwner owner, Carts carts, Database database, Idempotency idempotency, CancellationToken ct)
    {
        var (cart, problem) = await owner.Change(database, idempotency, tx => carts.Empty(tx, owner), ct);
        return problem is null ? TypedResults.Ok(cart) : problem.ToResult();
    }
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Cart;

/// <summary>Takes a product out of the cart; its pieces are free for others at once.</summary>
public static class RemoveFromCart
{
    internal static void Map(RouteGroupBuilder cart) =>
        cart.MapDelete("/{productId}", Handle).WithName("RemoveFromCart").Idempotent();

    private static async Task<Results<Ok<CartView>, ProblemHttpResult>> Handle(
        string productId, CartOwner owner, Carts carts, Database database, Idempotency idempotency, CancellationToken ct)
    {
        var (cart, problem) = await owner.Change(database, idempotency, tx => carts.Remove(tx, owner, productId), ct);
        return problem is null ? TypedResults.Ok(cart) : problem.ToResult();
    }
}

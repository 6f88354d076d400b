using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Cart;

/// <summary>Puts pieces of a product into the cart, beside those that are there, and keeps all of them from others for a while.</summary>
public static class AddToCart
{
    public sealed record Request(
        [property: Required, MaxLength(64)] string? ProductId = null,
        [property: Range(1, Carts.QuantityMax)] int Quantity = 1);

    internal static void Map(RouteGroupBuilder cart) => cart.MapPost("", Handle).WithName("AddToCart").Idempotent();

    private static async Task<Results<Ok<CartView>, ProblemHttpResult>> Handle(
        Request request, CartOwner owner, Carts carts, Database database, Idempotency idempotency, CancellationToken ct)
    {
        var (cart, problem) = await owner.Change(
            database, idempotency, tx => carts.Add(tx, owner, request.ProductId!, request.Quantity), ct);
        return problem is null ? TypedResults.Ok(cart) : problem.ToResult();
    }
}

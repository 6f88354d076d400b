using Kontor.Foundation.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Cart;

/// <summary>
/// The checkout begins: what is held is held for a quarter of an hour longer, once, so that it does not run out while the form is filled
/// in. Asking again changes nothing.
/// </summary>
public static class BeginCheckout
{
    internal static void Map(RouteGroupBuilder cart) => cart.MapPost("/checkout", Handle).WithName("BeginCheckout");

    private static async Task<Ok<CartView>> Handle(CartOwner owner, Carts carts, Database database, CancellationToken ct) =>
        TypedResults.Ok(await Run(owner, carts, database, ct));

    internal static async Task<CartView> Run(CartOwner owner, Carts carts, Database database, CancellationToken ct)
    {
        var cart = await GetCart.Read(owner, carts, database, ct);
        // Looking again costs no write.
        if (!await database.Read(tx => carts.CanExtend(tx, owner), ct)) return cart;
        return await database.Write(tx => carts.Extend(tx, owner), ct) with { CartToken = cart.CartToken };
    }
}

using Kontor.Foundation;
using Kontor.Foundation.Data;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Cart;

/// <summary>
/// The caller's cart with today's prices and holds. It is the call after signing in by which a guest's cart becomes the person's.
/// </summary>
public static class GetCart
{
    internal static void Map(RouteGroupBuilder cart) => cart.MapGet("", Handle).WithName("GetCart");

    private static async Task<Ok<CartView>> Handle(CartOwner owner, Carts carts, Database database, CancellationToken ct) =>
        TypedResults.Ok(await Read(owner, carts, database, ct));

    internal static async Task<CartView> Read(CartOwner owner, Carts carts, Database database, CancellationToken ct)
    {
        if (await database.Read(tx => Carts.HasGuestsCart(tx, owner), ct)) await database.Write(tx => carts.Open(tx, owner), ct);
        var cart = await database.Read(tx => carts.Read(tx, owner), ct);
        var token = owner.IsNew ? owner.Token : null;
        owner.Answer(token);
        return cart with { CartToken = token };
    }
}

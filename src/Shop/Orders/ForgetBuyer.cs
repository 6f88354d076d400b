using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Orders;

/// <summary>
/// A guest, by the link to the order, or an admin has name, address and mail taken out of an order: at once when it has ended, else when it
/// does. Whoever has an account erases that.
/// </summary>
public static class ForgetBuyer
{
    internal static void Map(RouteGroupBuilder orders) => orders.MapDelete("/{id}/buyer", Handle).WithName("ForgetBuyer");

    internal static void MapAdmin(RouteGroupBuilder admin) =>
        admin.MapDelete("/{id}/buyer", HandleAdmin).WithName("ForgetBuyerOfOrder");

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, string? token, CartOwner caller, Buyers buyers, Database database, CancellationToken ct) =>
        await Run(id, caller.AccessTo(id, token) with { UserId = null }, buyers, database, ct);

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAdmin(
        string id, Buyers buyers, Database database, CancellationToken ct) => await Run(id, OrderAccess.Admin, buyers, database, ct);

    internal static async Task<Results<NoContent, ProblemHttpResult>> Run(
        string id, OrderAccess access, Buyers buyers, Database database, CancellationToken ct) =>
        await database.Write(tx => buyers.ForgetOf(tx, id, access), ct) ? TypedResults.NoContent() : Order.Unknown.ToResult();
}

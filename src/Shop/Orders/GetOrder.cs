using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Orders;

/// <summary>One of the caller's orders; a guest shows the token that came with it. Somebody else's does not exist.</summary>
public static class GetOrder
{
    internal static void Map(RouteGroupBuilder orders) => orders.MapGet("/{id}", Handle).WithName("GetOrder");

    private static async Task<Results<Ok<OrderView>, ProblemHttpResult>> Handle(
        string id, string? token, CartOwner caller, Database database, CancellationToken ct)
    {
        var order = await database.Snapshot(tx => OrderBook.Find(tx, id, caller.AccessTo(id, token)), ct);
        return order is null ? Order.Unknown.ToResult() : TypedResults.Ok(OrderView.Of(order));
    }
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Orders;

/// <summary>Everybody's orders for an admin, the newest first, all or those with one status.</summary>
public static class ListAllOrders
{
    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("", Handle).WithName("ListAllOrders");

    private static async Task<Results<Ok<OrderList>, ProblemHttpResult>> Handle(
        string? status, int? limit, string? cursor, Database database, CancellationToken ct)
    {
        OrderStatus? wanted = null;
        if (status is not null)
        {
            if (OrderTransitions.Parse(status) is not { } known) return OrderTransitions.StatusUnknown.ToResult();
            wanted = known;
        }

        if (ListOrders.Before(cursor) is not { } before) return Paging.CursorInvalid.ToResult();
        var count = Paging.Limit(limit);
        var found = await database.Snapshot(tx => OrderBook.All(tx, wanted, before, count + 1), ct);
        return TypedResults.Ok(ListOrders.Page(found, count, OrderView.ForAdmin));
    }
}

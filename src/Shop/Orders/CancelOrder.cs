using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Orders;

/// <summary>The buyer takes back an order that has not left the warehouse; its pieces are for sale again at once.</summary>
public static class CancelOrder
{
    public sealed record Request([property: MaxLength(200)] string? Reason = null);

    internal static void Map(RouteGroupBuilder orders) =>
        orders.MapPost("/{id}/cancel", Handle).WithName("CancelOrder").Idempotent();

    private static async Task<Results<Ok<OrderView>, ProblemHttpResult>> Handle(
        string id,
        string? token,
        Request? request,
        CartOwner caller,
        OrderBook orders,
        Database database,
        Idempotency idempotency,
        CancellationToken ct)
    {
        var access = caller.AccessTo(id, token);
        var (order, problem) = await database.Write(async tx =>
        {
            // Also before an answer is repeated: guests who come by a link are told apart by it, and not by their key.
            if (!await OrderBook.Exists(tx, id, access)) return Order.Unknown;
            return await idempotency.Once<OrderView>(tx, async () =>
            {
                var (moved, refusal) = await orders.Move(tx, id, access, OrderStatus.Cancelled, request?.Reason, caller.Actor);
                return refusal is null ? OrderView.Of(moved!) : refusal;
            });
        }, ct);
        return problem is null ? TypedResults.Ok(order) : problem.ToResult();
    }
}

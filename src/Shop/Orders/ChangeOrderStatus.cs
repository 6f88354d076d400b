using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Orders;

/// <summary>An admin takes an order a step further, or ends it.</summary>
public static class ChangeOrderStatus
{
    public sealed record Request(
        [property: Required] string? Status = null,
        [property: MaxLength(200)] string? Reason = null);

    internal static void Map(RouteGroupBuilder admin) => admin.MapPatch("/{id}", Handle).WithName("ChangeOrderStatus");

    private static async Task<Results<Ok<OrderView>, ProblemHttpResult>> Handle(
        string id, Request request, CurrentUser user, OrderBook orders, Database database, CancellationToken ct)
    {
        if (OrderTransitions.Parse(request.Status!) is not { } status) return OrderTransitions.StatusUnknown.ToResult();
        // Time alone lets an order expire.
        var (order, problem) = status == OrderStatus.Expired
            ? OrderTransitions.Refused
            : await database.Write(tx => orders.Move(tx, id, OrderAccess.Admin, status, request.Reason, $"admin:{user.Id}"), ct);
        return problem is null ? TypedResults.Ok(OrderView.ForAdmin(order!)) : problem.ToResult();
    }
}

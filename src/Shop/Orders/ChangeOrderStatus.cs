using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Orders;

/// <summary>An admin takes an order a step further, or ends it; one that is shipped gets its carrier and tracking number.</summary>
public static class ChangeOrderStatus
{
    /// <param name="Carrier">A key such as `dhl`; with `shipped` only, and also later to correct it.</param>
    /// <param name="TrackingNumber">Letters and digits, with single spaces, dots, dashes or slashes between.</param>
    public sealed record Request(
        [property: Required] string? Status = null,
        [property: MaxLength(200)] string? Reason = null,
        [property: MaxLength(64)] string? Carrier = null,
        [property: MaxLength(64)] string? TrackingNumber = null);

    internal static void Map(RouteGroupBuilder admin) => admin.MapPatch("/{id}", Handle).WithName("ChangeOrderStatus");

    private static async Task<Results<Ok<OrderView>, ProblemHttpResult>> Handle(
        string id, Request request, CurrentUser user, OrderBook orders, Shipments shipments, Database database, CancellationToken ct)
    {
        var (order, problem) = await Run(id, request, user, orders, shipments, database, ct);
        return problem is null ? TypedResults.Ok(OrderView.ForAdmin(order!)) : problem.ToResult();
    }

    internal static async Task<Outcome<WholeOrder>> Run(
        string id, Request request, CurrentUser user, OrderBook orders, Shipments shipments, Database database, CancellationToken ct)
    {
        if (OrderTransitions.Parse(request.Status ?? "") is not { } status) return OrderTransitions.StatusUnknown;
        // Time alone lets an order expire.
        if (status == OrderStatus.Expired) return OrderTransitions.Refused;
        var (parcel, invalid) = shipments.Read(status, request.Carrier, request.TrackingNumber);
        if (invalid is not null) return invalid;
        var actor = $"admin:{user.Id}";
        return await database.Write(
            tx => status == OrderStatus.Shipped
                ? shipments.Ship(tx, id, parcel, request.Reason, actor)
                : orders.Move(tx, id, OrderAccess.Admin, status, request.Reason, actor),
            ct);
    }
}

using Kontor.Foundation;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Admin;

/// <summary>
/// The dashboard's numbers. A day is one of UTC. Revenue is what was paid that day, less what of it went back since: an order that waits
/// for its money is none, by card or by invoice.
/// </summary>
public static class ShowStats
{
    /// <param name="Days">The last fourteen, the oldest first; the last one is today.</param>
    /// <param name="OpenOrders">Orders that are still to be paid or shipped.</param>
    /// <param name="HeldPieces">Pieces that lie in carts now.</param>
    /// <param name="LowStock">Of which hardly anything is left, the fewest pieces first; at most ten of `lowStockCount`.</param>
    public sealed record Response(
        long OrdersToday,
        decimal RevenueToday,
        string Currency,
        long OpenOrders,
        long HeldPieces,
        long Products,
        long LowStockCount,
        IReadOnlyList<GetProduct.Response> LowStock,
        IReadOnlyList<Day> Days);

    public sealed record Day(DateOnly Date, long Orders, decimal Revenue);

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("/stats", Handle).WithName("ShowStats");

    private static async Task<Ok<Response>> Handle(ShopNumbers numbers, CancellationToken ct) =>
        TypedResults.Ok(Of(await numbers.Read(ct)));

    internal static Response Of(DashboardNumbers read) => new(
        read.Today.Orders,
        Euros(read.Today.RevenueMinor),
        Products.Currency,
        read.OpenOrders,
        read.HeldPieces,
        read.Products,
        read.LowStockCount,
        [.. read.LowStock.Select(product => GetProduct.Response.Of(product, admin: true))],
        [.. read.Days.Select(day => new Day(DateOf(day.Day), day.Orders, Euros(day.RevenueMinor)))]);

    private static DateOnly DateOf(long day) => DateOnly.FromDateTime((day * Clock.Day).ToTime().UtcDateTime);

    private static decimal Euros(long minor) => new Money(minor, Products.Currency).Major;
}

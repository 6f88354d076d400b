using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Cart;
using Kontor.Shop.Orders;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>A buyer's orders in a browser; a guest comes by the link to one of them.</summary>
public static class OrderPages
{
    /// <summary>As the form sends it.</summary>
    public sealed record Request
    {
        public string? Token { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/orders", List).RequireAuthorization();
        pages.MapGet("/orders/{id}", Show);
        pages.MapPost("/orders/{id}/cancel", Cancel);
    }

    /// <param name="token">A guest's; null for who is signed in.</param>
    internal static string Address(string orderId, string? token) =>
        string.IsNullOrEmpty(token) ? $"/orders/{orderId}" : $"/orders/{orderId}?token={Uri.EscapeDataString(token)}";

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> List(
        string? cursor, CurrentUser user, Database database, CancellationToken ct)
    {
        var (orders, problem) = await ListOrders.Run(limit: null, cursor, user, database, ct);
        return problem is null ? Pages.Render<OrdersPage>(new { List = orders }) : problem.ToResult();
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string id, string? token, CartOwner caller, HttpContext http, Database database, CancellationToken ct)
    {
        // A guest's too: it has an address, and the link that leads to it may be opened anywhere.
        http.Response.Headers.CacheControl = "no-store";
        var order = await database.Snapshot(tx => OrderBook.Find(tx, id, caller.AccessTo(id, token)), ct);
        return order is null ? Order.Unknown.ToResult() : Pages.Render<OrderPage>(new { Order = OrderView.Of(order), Token = token });
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Cancel(
        string id, [FromForm] Request? request, CartOwner caller, OrderBook orders, Database database, CancellationToken ct)
    {
        var token = string.IsNullOrEmpty(request?.Token) ? null : request.Token;
        var (_, problem) = await database.Write(
            tx => orders.Move(tx, id, caller.AccessTo(id, token), OrderStatus.Cancelled, reason: null, caller.Actor), ct);
        // An order that has meanwhile left the warehouse shows on its page that it has.
        return problem is null or { Status: 409 } ? TypedResults.LocalRedirect(Address(id, token)) : problem.ToResult();
    }
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Cart;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop;

/// <summary>A buyer's orders in a browser; a guest comes by the link to one of them.</summary>
public static partial class OrderPages
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
        pages.MapPost("/orders/{id}/pay", Pay);
        pages.MapGet("/orders/{id}/return", Return);
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
        string id, string? token, string? payment, CartOwner caller, PaymentPages pages, HttpContext http, Database database,
        CancellationToken ct)
    {
        // A guest's too: it has an address, and the link that leads to it may be opened anywhere.
        http.Response.Headers.CacheControl = "no-store";
        var order = await database.Snapshot(tx => OrderBook.Find(tx, id, caller.AccessTo(id, token)), ct);
        if (order is null) return Order.Unknown.ToResult();
        pages.AllowLeaving(http);
        return Pages.Render<OrderPage>(new
        {
            Order = OrderView.Of(order),
            Token = token,
            CannotPay = payment == PaymentPages.Unavailable,
            Refunds = order.Payments.Count == 0
                ? []
                : (await database.Read(tx => RefundBook.Of(tx, id).AsTask(), ct)).ConvertAll(RefundView.Of),
        });
    }

    private static async Task<RedirectHttpResult> Pay(
        string id, [FromForm] Request? request, CartOwner caller, PaymentPages payment, CancellationToken ct) =>
        await payment.Go(id, string.IsNullOrEmpty(request?.Token) ? null : request.Token, caller, ct);

    /// <summary>
    /// The buyer comes back from the provider: what they did there is looked at before the order is shown. Their own browser knows them; in
    /// another, into which a bank's app may lead, a guest is told no more than that it is looked after.
    /// </summary>
    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Return(
        string id, CartOwner caller, Settlement settlement, Database database, ILogger<Settlement> logger, CancellationToken ct)
    {
        var (isTheirs, payment) = await database.Read(
            async tx => (await OrderBook.Exists(tx, id, caller.AccessTo(id, null)), await PaymentBook.Live(tx, id)), ct);
        if (!isTheirs) return Pages.Render<PaymentReturnPage>();
        try
        {
            if (payment is not null) await settlement.Settle(payment.Id, ct);
        }
        catch (ProviderException exception)
        {
            // The sweep looks again; until then the page says that the payment is waited for.
            LogNotAsked(logger, payment!.Id, exception.Code);
        }

        return TypedResults.LocalRedirect(Address(id, caller.OrderToken(id)));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "No answer when the buyer of payment {PaymentId} came back: {Code}")]
    private static partial void LogNotAsked(ILogger logger, string paymentId, string code);

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

using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Admin;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>The shop's part of the admin panel: what happened today, what there is, what was ordered.</summary>
public static class AdminPages
{
    private const int LatestOrders = 8;

    /// <summary>As the form of an order sends it.</summary>
    public sealed record StatusForm(string? Status = null);

    /// <summary>As the form of a refund sends it; what was typed is shown again when it is refused. Fields may be missing.</summary>
    public sealed record RefundForm
    {
        public string? Amount { get; init; }

        public string? Reason { get; init; }
    }

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages("/admin").RequireAuthorization(Policies.Admin);
        pages.MapGet("", ShowDashboard);
        pages.MapGet("/products", ShowProducts);
        pages.MapGet("/orders", ShowOrders);
        pages.MapGet("/orders/{id}", ShowOrder);
        pages.MapPost("/orders/{id}/status", MoveOrder);
        pages.MapPost("/orders/{id}/refunds", PayBack).Idempotent();
        ProductAdminPages.Map(pages);
        PaymentAdminPages.Map(pages);
        CouponAdminPages.Map(pages);
    }

    private static async Task<RazorComponentResult> ShowDashboard(ShopNumbers numbers, Database database, CancellationToken ct)
    {
        var latest = await database.Snapshot(tx => OrderBook.All(tx, null, long.MaxValue, LatestOrders), ct);
        return Pages.Render<DashboardPage>(new
        {
            Stats = ShowStats.Of(await numbers.Read(ct)),
            Orders = latest.Select(OrderView.ForAdmin).ToList(),
        });
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowProducts(
        [AsParameters] ListProducts.Request request, ProductSearch search, CancellationToken ct)
    {
        var (query, problem) = ProductQuery.Of(request);
        if (problem is not null) return problem.ToResult();
        return Pages.Render<AdminProductsPage>(new { List = await ListProducts.Read(search, query!, admin: true, ct), Asked = request });
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowOrders(
        string? status, string? cursor, Database database, CancellationToken ct)
    {
        var wanted = string.IsNullOrEmpty(status) ? null : OrderTransitions.Parse(status);
        if (wanted is null && !string.IsNullOrEmpty(status)) return OrderTransitions.StatusUnknown.ToResult();
        if (ListOrders.Before(cursor) is not { } before) return Paging.CursorInvalid.ToResult();
        var found = await database.Snapshot(tx => OrderBook.All(tx, wanted, before, Paging.LimitDefault + 1), ct);
        var list = ListOrders.Page(found, Paging.LimitDefault, OrderView.ForAdmin);
        return Pages.Render<AdminOrdersPage>(new { List = list, Status = wanted });
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowOrder(
        string id, Database database, CancellationToken ct)
    {
        return await Render(id, database, ct) is { } page ? page : Order.Unknown.ToResult();
    }

    /// <summary>Null when there is no such order.</summary>
    private static async Task<RazorComponentResult?> Render(
        string id, Database database, CancellationToken ct, Problem? problem = null, Problem? refundProblem = null, RefundForm? form = null)
    {
        var (order, refunds) = await database.Snapshot(
            async tx => (await OrderBook.Find(tx, id, OrderAccess.Admin), await RefundBook.Of(tx, id)), ct);
        return order is null ? null : Pages.Render<AdminOrderPage>(new
        {
            Order = OrderView.ForAdmin(order),
            Refunds = refunds.ConvertAll(RefundView.Of),
            Problem = problem,
            RefundProblem = refundProblem,
            Form = form ?? new(),
        }, problem?.Status ?? refundProblem?.Status ?? 200);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> PayBack(
        string id, [FromForm] RefundForm? form, CurrentUser user, OrderBook orders, RefundBook refunds, Database database,
        Idempotency idempotency, CancellationToken ct)
    {
        var wanted = new RefundOrder.Request(AmountOf(form?.Amount), form?.Reason);
        var (_, problem) = wanted is { Amount: > 0, Reason: null or { Length: <= 200 } }
            ? await database.Write(tx => idempotency.Once(
                tx, () => RefundOrder.Run(tx, id, wanted, user, orders, refunds, idempotency.RequestKey)), ct)
            : RefundOrder.AmountInvalid;
        if (problem is null) return TypedResults.LocalRedirect($"/admin/orders/{Uri.EscapeDataString(id)}");
        return await Render(id, database, ct, refundProblem: problem, form: form) is { } page ? page : problem.ToResult();
    }

    /// <summary>With a comma or a point, as people write amounts; null when it is none.</summary>
    internal static decimal? AmountOf(string? text) => decimal.TryParse(
        text?.Trim().Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount : null;

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> MoveOrder(
        string id, [FromForm] StatusForm form, CurrentUser user, OrderBook orders, Database database, CancellationToken ct)
    {
        if (OrderTransitions.Parse(form.Status ?? "") is not { } status) return OrderTransitions.StatusUnknown.ToResult();
        var (_, problem) = await database.Write(
            tx => orders.Move(tx, id, OrderAccess.Admin, status, reason: null, $"admin:{user.Id}"), ct);
        if (problem is null) return TypedResults.LocalRedirect($"/admin/orders/{Uri.EscapeDataString(id)}");
        // Somebody else was quicker: the page shows how far the order has come, and why this step is not possible any more.
        return await Render(id, database, ct, problem) is { } page ? page : problem.ToResult();
    }
}

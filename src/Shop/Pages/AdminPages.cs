using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Admin;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Orders;
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

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages("/admin").RequireAuthorization(Policies.Admin);
        pages.MapGet("", ShowDashboard);
        pages.MapGet("/products", ShowProducts);
        pages.MapGet("/orders", ShowOrders);
        pages.MapGet("/orders/{id}", ShowOrder);
        pages.MapPost("/orders/{id}/status", MoveOrder);
        ProductAdminPages.Map(pages);
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
        var order = await database.Snapshot(tx => OrderBook.Find(tx, id, OrderAccess.Admin), ct);
        return order is null ? Order.Unknown.ToResult() : Pages.Render<AdminOrderPage>(new { Order = OrderView.ForAdmin(order) });
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> MoveOrder(
        string id, [FromForm] StatusForm form, CurrentUser user, OrderBook orders, Database database, CancellationToken ct)
    {
        if (OrderTransitions.Parse(form.Status ?? "") is not { } status) return OrderTransitions.StatusUnknown.ToResult();
        var (_, problem) = await database.Write(
            tx => orders.Move(tx, id, OrderAccess.Admin, status, reason: null, $"admin:{user.Id}"), ct);
        if (problem is null) return TypedResults.LocalRedirect($"/admin/orders/{Uri.EscapeDataString(id)}");
        // Somebody else was quicker: the page shows how far the order has come, and why this step is not possible any more.
        var order = await database.Snapshot(tx => OrderBook.Find(tx, id, OrderAccess.Admin), ct);
        return order is null
            ? problem.ToResult()
            : Pages.Render<AdminOrderPage>(new { Order = OrderView.ForAdmin(order), Problem = problem }, problem.Status);
    }
}

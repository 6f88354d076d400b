using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Admin;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Orders;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>The shop's part of the admin panel: what happened today, what there is, what was ordered.</summary>
public static class AdminPages
{
    private const int LatestOrders = 8;

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages("/admin").RequireAuthorization(Policies.Admin);
        pages.MapGet("", ShowDashboard);
        pages.MapGet("/products", ShowProducts);
        OrderAdminPages.Map(pages);
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
}

using Kontor.Foundation.Http;
using Kontor.Shop.Pricing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Admin;

/// <summary>What the shop's own people do with products and stock, and the numbers they look at.</summary>
internal static class AdminSetup
{
    public static void AddShopAdmin(this IServiceCollection services) =>
        services.AddSingleton<ShopNumbers>().AddSingleton<ProductAdminPages.Reader>();

    public static void MapShopAdmin(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/api/admin").WithTags("Shop admin").RequireAuthorization(Policies.Admin);
        var products = admin.MapGroup("/products");
        ListAllProducts.Map(products);
        CreateProduct.Map(products);
        EditProduct.Map(products);
        RemoveProduct.Map(products);
        ChangeStock.Map(products);
        ChangeThreshold.Map(products);
        ShowLedger.Map(products);
        AdminCoupons.Map(admin);
        ListStock.Map(admin);
        ShowStats.Map(admin);
    }
}

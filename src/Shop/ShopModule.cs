using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Shop.Admin;
using Kontor.Shop.Cart;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Invoices;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Phone;
using Kontor.Shop.Pricing;
using Kontor.Shop.Waiting;
using Kontor.Shop.Widgets;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop;

public sealed class ShopModule : IModule
{
    public string Name => "shop";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidation();
        services.AddOptions<ShopOptions>().Bind(configuration.GetSection("Shop")).ValidateDataAnnotations().ValidateOnStart();
        services.AddCatalogue();
        services.AddStock();
        services.AddCart();
        services.AddWaiting();
        services.AddOrders(configuration);
        services.AddInvoices(configuration);
        services.AddPayments(configuration);
        services.AddPricing(configuration);
        services.AddPhone();
        services.AddShopAdmin();
        services.AddSingleton(new NavigationLink("/shop", "Shop", 10));
        services.AddSingleton(new NavigationLink("/admin", "Dashboard", 10, Admin: true));
        services.AddSingleton(new NavigationLink("/admin/products", "Products", 20, Admin: true));
        services.AddSingleton(new NavigationLink("/admin/stock", "Stock", 25, Admin: true));
        services.AddSingleton(new NavigationLink("/admin/orders", "Orders", 30, Admin: true));
        services.AddSingleton(new NavigationLink("/admin/coupons", "Coupons", 32, Admin: true));
        services.AddSingleton(new NavigationLink("/admin/payments", "Payments", 35, Admin: true));
        services.AddSingleton(new NavigationLink("/orders", "Orders", 50));
        services.AddSingleton<IWidgetSource, ShopWidgets>();
        services.AddSingleton(DemoWidgets.Of(typeof(ShopModule).Assembly, "Kontor.Shop.Widgets.Demo.home.json"));
        // A team without a module, whose system would push from outside; it lends what the demo's shop has.
        services.AddSingleton(DemoWidgets.Of(typeof(ShopModule).Assembly, "Kontor.Shop.Widgets.Demo.lending.json"));
        services.AddSingleton<IPersonAttributes, ShopAttributes>();
        services.AddSingleton(new NavigationLink("/cart", "Cart", 10, Icon: "cart"));
        services.AddSingleton(new SearchTarget("/shop", "Search products"));
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.MapCatalogue();
        routes.MapCart();
        routes.MapWaiting();
        routes.MapOrders();
        QuoteOrder.Map(routes);
        routes.MapPayments();
        routes.MapShopAdmin();

        var pages = routes.MapPages();
        ShopPages.Map(pages);
        ProductPages.Map(pages);
        WaitingPages.Map(pages);
        AdminPages.Map(routes);
        CartPages.Map(pages);
        CheckoutPages.Map(pages);
        OrderPages.Map(pages);
        ShowInvoice.Map(pages);
    }
}

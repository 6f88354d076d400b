using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Shop.Checkout;
using Kontor.Shop.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Orders;

/// <summary>Orders, for their buyers and for admins.</summary>
internal static class OrderEndpoints
{
    public static void AddOrders(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<CarrierOptions>().Bind(configuration.GetSection("Shop")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<Shipments>();
        services.AddSingleton<OrderBook>();
        services.AddSingleton<Buyers>();
        services.AddHostedService<BuyerTidying>();
        services.AddPersonalData<ShopPersonalData>();
        services.AddSingleton<Checkout.Checkout>();
        services.AddSingleton<IInvariant, OrdersMatchLedger>();
        services.AddSingleton<IInvariant, OrderTotalsAddUp>();
        services.AddSingleton<IInvariant, ReturnsAddUp>();
        services.AddSingleton<Returns>();
        foreach (var step in OrderLetters.Steps)
            services.AddSingleton<IEventHandler>(provider => ActivatorUtilities.CreateInstance<OrderLetters>(provider, step));
    }

    public static void MapOrders(this IEndpointRouteBuilder routes)
    {
        var orders = routes.MapGroup("/api/orders").WithTags("Orders");
        PlaceOrder.Map(orders);
        ListOrders.Map(orders);
        GetOrder.Map(orders);
        CancelOrder.Map(orders);
        PayOrder.Map(orders);
        ForgetBuyer.Map(orders);

        var admin = routes.MapGroup("/api/admin/orders").WithTags("Orders").RequireAuthorization(Policies.Admin);
        ListAllOrders.Map(admin);
        ChangeOrderStatus.Map(admin);
        RefundOrder.Map(admin);
        ReturnPieces.Map(admin);
        ForgetBuyer.MapAdmin(admin);
    }
}

using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Phone;

/// <summary>What of the shop phones have with them: the catalogue, and their owner's orders. Only the shop writes it.</summary>
internal static class PhoneSetup
{
    public static void AddPhone(this IServiceCollection services)
    {
        services.AddSingleton<ISyncTable, ProductsTable>();
        services.AddSingleton<ISyncTable, OrdersTable>();
        services.AddSingleton<ISyncTable, OrderItemsTable>();
        services.AddSingleton<PhoneOrders>();
        services.AddSingleton<IEventHandler>(provider => provider.GetRequiredService<PhoneOrders>());
        services.AddSingleton<PhoneCatalogue>();
        services.AddHostedService(provider => provider.GetRequiredService<PhoneCatalogue>());
    }
}

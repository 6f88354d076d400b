using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop;

/// <summary>What is on the shelf and who has it promised.</summary>
internal static class StockSetup
{
    public static void AddStock(this IServiceCollection services)
    {
        services.AddSingleton<Stock>();
        services.AddSingleton<StockAlerts>();
        services.AddSingleton<HoldCaps>();
        services.AddSingleton<IInvariant, LedgerAddsUp>();
        services.AddSingleton<IInvariant, HoldsAddUp>();
        services.AddSingleton<IEventHandler, LowStockLetters>();
        services.AddSingleton<IEventHandler, StockBackLetters>();
        services.AddHostedService<ExpiredHolds>();
    }
}

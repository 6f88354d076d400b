using Kontor.Foundation.Seams;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop;

/// <summary>What is on the shelf and who has it promised.</summary>
internal static class StockSetup
{
    public static void AddStock(this IServiceCollection services)
    {
        services.AddSingleton<Stock>();
        services.AddSingleton<WaitingList>();
        services.AddSingleton<StockAlerts>();
        services.AddSingleton<IInvariant, LedgerAddsUp>();
        services.AddSingleton<IInvariant, HoldsAddUp>();
        services.AddHostedService<ExpiredHolds>();
    }
}

using Kontor.Foundation.Seams;
using Kontor.Home.Sources;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Home.Insight;

/// <summary>What readers do with the home page: taken in, added up, shown to admins.</summary>
internal static class InsightSetup
{
    /// <summary>After what brings widgets, and before what learns from events: a demo's are made when the server starts.</summary>
    public static void AddInsight(this IServiceCollection services)
    {
        services.AddSingleton<EventLog>();
        services.AddSingleton<IPersonalPart, InsightPersonalData>();
        services.AddSingleton<InsightTidying>();
        services.AddHostedService(provider => provider.GetRequiredService<InsightTidying>());
        services.AddSingleton<IWarmUp, DemoEvents>();
        services.AddSingleton(new NavigationLink("/admin/insight", "Insight", 48, Admin: true));
    }
}

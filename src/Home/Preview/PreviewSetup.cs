using Kontor.Home.Feed;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Home.Preview;

/// <summary>The feed as somebody else would see it.</summary>
internal static class PreviewSetup
{
    public static void AddPreview(this IServiceCollection services)
    {
        services.AddSingleton<Explanations>();
        services.AddSingleton<FeedPreview>();
        services.AddSingleton<PreviewScreens>();
        services.AddSingleton<WidgetEditing>();
    }
}

using Kontor.Foundation.Seams;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Accounts.Keys;

/// <summary>The folder of keys in memory, its schedule, and the command.</summary>
internal static class KeysSetup
{
    public static void AddKeys(this IServiceCollection services)
    {
        services.AddSingleton(provider => ActivatorUtilities.CreateInstance<KeyRing>(provider));
        services.AddSingleton<KeySchedule>();
        services.AddSingleton<KeyTending>();
        services.AddSingleton<IWarmUp>(provider => provider.GetRequiredService<KeyTending>());
        services.AddHostedService(provider => provider.GetRequiredService<KeyTending>());
        services.AddSingleton<ICommand, RotateKeys>();
    }
}

using Kontor.Foundation.Events;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.External;

/// <summary>Signing in by another site.</summary>
internal static class ExternalSetup
{
    public static void AddExternal(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<ExternalOptions>()
            .Configure(options => Read(configuration.GetSection("Accounts:External"), options))
            .ValidateOnStart();
        services.AddOptions<AccountOptions>().Validate(
            options => options.AppUrls.All(IsApp),
            "Accounts:AppUrls has whole addresses, such as kontor://signed-in, and none that is unprotected or a script.");
        services.AddSingleton<IValidateOptions<ExternalOptions>, ExternalOptionsRules>();
        services.AddSingleton<Providers>();
        services.AddSingleton<Identities>();
        services.AddSingleton<ExternalTravel>();
        services.AddSingleton<ExternalSignIn>();
        services.AddSingleton<Arrivals>();
        services.AddSingleton<AppGrants>();
        services.AddSingleton<ExternalAccount>();
        services.AddSingleton<IEventHandler, IdentityNotice>();
    }

    public static void MapExternal(this RouteGroupBuilder auth)
    {
        var external = auth.MapGroup("/external");
        OwnIdentities.Map(external);
        ExchangeGrant.Map(external);
    }

    private static bool IsApp(string address) => Uri.TryCreate(address, UriKind.Absolute, out var url) && (
        ExternalOptionsRules.IsSafe(url)
        || url.Scheme is not ("http" or "https" or "javascript" or "data" or "file" or "vbscript" or "blob" or "about"));

    /// <summary>Names of environment variables are often written in capitals, and addresses are not.</summary>
    private static void Read(IConfigurationSection section, ExternalOptions options)
    {
        foreach (var one in section.GetChildren())
            options.Providers[one.Key.ToLowerInvariant()] = one.Get<ProviderOptions>() ?? new();
    }
}

using Kontor.Accounts.SignIn;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kontor.Accounts.Factors;

/// <summary>What people sign in with beside the password: services and endpoints.</summary>
internal static class FactorsSetup
{
    public static void AddServices(IServiceCollection services)
    {
        services.TryAddSingleton<IFactors, SqlFactors>();
        services.AddSingleton<AuthenticatorApps>();
        services.AddSingleton<RecoveryCodes>();
        services.AddSingleton<SecondFactor>();
        services.AddSingleton<Spent>();
        services.AddSingleton<PageSignIns>();
        services.AddSingleton<SignInsAgain>();
    }

    public static void MapEndpoints(RouteGroupBuilder auth)
    {
        ShowFactors.Map(auth);
        TotpSetup.Map(auth);
    }
}

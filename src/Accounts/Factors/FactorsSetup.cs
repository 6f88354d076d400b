using Kontor.Accounts.Passkeys;
using Kontor.Accounts.SignIn;
using Kontor.Foundation.Seams;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
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
        services.AddSingleton<IAuthorizationHandler, AdminsBySecondFactor>();
        services.AddSingleton<ICommand, RemoveFactors>();
        services.AddSingleton<Spent>();
        services.TryAddSingleton<IPasskeys, SqlPasskeys>();
        services.AddSingleton<PasskeySite>();
        services.AddSingleton<PasskeyCeremonies>();
        services.AddSingleton<NewPasskeys>();
        services.AddSingleton<PageSignIns>();
        services.AddSingleton<SecurityPages.OwnSecurity>();
        services.AddSingleton<SignInsAgain>();
    }

    public static void MapEndpoints(RouteGroupBuilder auth)
    {
        ShowFactors.Map(auth);
        TotpSetup.Map(auth);
        var passkeys = auth.MapGroup("/passkeys");
        OwnPasskeys.Map(passkeys);
        AddPasskey.Map(passkeys);
        PasskeySignIn.Map(passkeys);
        PasskeyStepUp.Map(passkeys);
    }
}

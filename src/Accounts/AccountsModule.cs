using Kontor.Accounts.Administration;
using Kontor.Accounts.Attempts;
using Kontor.Accounts.Demo;
using Kontor.Accounts.Email;
using Kontor.Accounts.External;
using Kontor.Accounts.Factors;
using Kontor.Accounts.Import;
using Kontor.Accounts.Erasure;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Notices;
using Kontor.Accounts.Passwords;
using Kontor.Accounts.Profile;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Accounts.Tokens;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Kontor.Accounts;

/// <summary>People, their sign-ins and roles.</summary>
public sealed class AccountsModule : IModule
{
    public string Name => "accounts";

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidation();
        services.AddOptions<AccountOptions>().Bind(configuration.GetSection("Accounts")).ValidateDataAnnotations().ValidateOnStart();

        services.AddKeys();
        services.TryAddSingleton<HashingGate>(_ => new());
        services.AddSingleton<PasswordRules>();
        services.AddSingleton<PasswordHasher>();
        services.AddSingleton<Decoys>();
        services.AddSingleton<IWarmUp>(provider => provider.GetRequiredService<Decoys>());
        services.AddHostedService(provider => provider.GetRequiredService<Decoys>());
        services.AddSingleton<Audit>();
        services.AddSingleton<Rights>();
        services.AddSingleton<IUsers, SqlUsers>();
        services.AddSingleton<IAddressBook, AddressBook>();
        services.AddSingleton<IPersonFinder, PersonFinder>();
        services.AddSingleton<ISessions, SqlSessions>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<Acknowledgements>();
        services.AddSingleton<SignIns>();
        services.AddSingleton<IAttempts, SqlAttempts>();
        services.AddSingleton<SignInAttempts>();
        services.AddSingleton<KnownDevices>();
        services.AddSingleton<Credentials>();
        services.AddSingleton<OwnPassword>();
        services.AddEmail();
        services.AddNotices();
        services.AddSingleton<NewAccounts>();
        FactorsSetup.AddServices(services);
        services.AddSingleton<SignInAgainView>();
        services.AddSingleton<WaysIn>();
        services.AddExternal(configuration);
        services.AddSingleton<Erasures>();
        services.AddPersonalData<AccountsPersonalData>();

        services.AddSingleton<Revocations>();
        services.AddSingleton<IWarmUp>(provider => provider.GetRequiredService<Revocations>());
        services.AddHostedService(provider => provider.GetRequiredService<Revocations>());
        services.AddHostedService<SessionTidying>();
        services.AddSingleton<IAuthorizationHandler, AdminsInTouch>();
        services.AddHostedService<AttemptTidying>();

        services.AddScoped<AccessHandler>();
        services.AddAuthentication(options =>
        {
            options.DefaultScheme = VerifiedToken.Scheme;
            options.AddScheme<AccessHandler>(VerifiedToken.Scheme, displayName: null);
        });

        services.AddAdministration();
        services.AddSingleton<IDemoData, DemoAccounts>();
        services.AddSingleton<ICommand, CreateAdmin>();
        services.AddSingleton<ICommand, ImportUsers>();
        services.AddSingleton<ICommand, ShowPeppers>();
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/auth").WithTags("Accounts").AddEndpointFilter(KeepPrivate);
        Register.Map(auth);
        Login.Map(auth);
        Refresh.Map(auth);
        Logout.Map(auth);
        StepUp.Map(auth);
        FactorsSetup.MapEndpoints(auth);
        auth.MapExternal();
        ChangePassword.Map(auth);
        ForgotPassword.Map(auth);
        ResetPassword.Map(auth);
        EmailSetup.Map(auth);
        OwnSessions.Map(auth);
        OwnProfile.Map(routes);
        EraseAccount.Map(routes);
        ExportData.Map(routes);
        PublicKeys.Map(routes);
        routes.MapAdministration();

        var pages = routes.MapPages();
        SignInPages.Map(pages);
        SecondStepPages.Map(pages);
        PasskeyPages.Map(pages);
        EmailPages.Map(pages);
        PasswordPages.Map(pages);
        AccountPages.Map(pages);
        SessionPages.Map(pages);
        SecurityPages.Map(pages);
        ExternalPages.Map(pages);
        ErasurePages.Map(pages);
    }

    /// <summary>Answers with tokens and sessions are no cache's business (RFC 6749, 5.1).</summary>
    private static ValueTask<object?> KeepPrivate(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.Headers.CacheControl = "no-store";
        return next(context);
    }
}

using Kontor.Foundation.Events;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Accounts.Email;

/// <summary>Addresses and the links in letters to them.</summary>
internal static class EmailSetup
{
    public static void AddEmail(this IServiceCollection services)
    {
        services.AddSingleton<OwnEmail>();
        services.AddSingleton<Recovery>();
        services.AddSingleton<Links>();
        services.AddSingleton<Registrations>();
        services.AddSingleton<TakenLetters>();
        services.AddSingleton<IEventHandler, LinkLetters>();
        services.AddSingleton<IEventHandler, RegistrationLetters>();
        services.AddHostedService<LinkTidying>();
    }

    public static void Map(RouteGroupBuilder auth)
    {
        VerifyEmail.Map(auth);
        ResendVerification.Map(auth);
        ChangeEmail.Map(auth);
        UndoEmail.Map(auth);
    }
}

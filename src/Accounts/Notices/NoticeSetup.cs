using Kontor.Foundation.Events;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Accounts.Notices;

/// <summary>What the owner of an account is told by letter.</summary>
internal static class NoticeSetup
{
    public static void AddNotices(this IServiceCollection services)
    {
        services.AddSingleton<IEventHandler, NewSignInNotice>();
        services.AddSingleton<IEventHandler, ReuseNotice>();
        services.AddSingleton<IEventHandler, SessionsFullNotice>();
        services.AddSingleton<IEventHandler, PasswordNotice>();
        services.AddSingleton<IEventHandler, FactorNotice>();
    }
}

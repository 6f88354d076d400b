using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Authorization;

namespace Kontor.Accounts.Factors;

/// <summary>Tells an administrator whose role was withheld what is missing, instead of "you may not do this".</summary>
internal sealed class AdminsBySecondFactor : IAuthorizationHandler
{
    private static readonly Problem SecondFactorNeeded = new(
        403, "second-factor-needed", "Administrators sign in with a second factor here. Add one, or sign in again with yours.");

    public Task HandleAsync(AuthorizationHandlerContext context)
    {
        if (context.User.HasClaim(Claims.WithheldRole, RoleNames.Admin) && AdminsInTouch.IsForAdmins(context))
            context.Fail(new AuthorizationProblem(this, SecondFactorNeeded, SecurityPages.Home));
        return Task.CompletedTask;
    }
}

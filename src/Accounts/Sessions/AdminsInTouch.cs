using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;

namespace Kontor.Accounts.Sessions;

/// <summary>
/// A node that cannot hear of revocations goes on for customers, whose mistakes are small, but does nothing for administrators: their
/// role or session may have ended.
/// </summary>
internal sealed class AdminsInTouch(Revocations revocations) : IAuthorizationHandler
{
    private static readonly Problem OutOfTouch = new(
        503, "out-of-touch", "This server has lost touch with the others, so it does nothing for administrators. Try again in a moment.");

    public Task HandleAsync(AuthorizationHandlerContext context)
    {
        if (revocations.IsOutOfTouch && context.User.IsInRole(RoleNames.Admin) && IsForAdmins(context))
            context.Fail(new AuthorizationProblem(this, OutOfTouch));
        return Task.CompletedTask;
    }

    internal static bool IsForAdmins(AuthorizationHandlerContext context) =>
        context.Requirements.Any(requirement => requirement is RolesAuthorizationRequirement { AllowedRoles: var roles }
            && roles.Contains(RoleNames.Admin));
}

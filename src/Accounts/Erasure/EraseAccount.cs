using Kontor.Accounts.SignIn;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Erasure;

/// <summary>
/// An account is erased, by its owner or by an admin: nobody can sign in with it from this moment on, its address is free, and every module
/// forgets the person soon after.
/// </summary>
public static class EraseAccount
{
    internal static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/users/me", Own).WithName("EraseOwnAccount").WithTags("Accounts").RequireAuthorization().WithFreshSignIn();
        routes.MapDelete("/api/admin/users/{id}", Any).WithName("EraseAccount").WithTags("Accounts")
            .RequireAuthorization(Policies.Admin).WithFreshSignIn();
    }

    private static Task<Results<NoContent, ProblemHttpResult>> Own(CurrentUser user, Actor by, Erasures erasures, CancellationToken ct) =>
        Any(user.Id, by, erasures, ct);

    private static async Task<Results<NoContent, ProblemHttpResult>> Any(string id, Actor by, Erasures erasures, CancellationToken ct) =>
        await erasures.Erase(id, by, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();
}

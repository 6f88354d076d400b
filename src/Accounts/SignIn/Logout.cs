using Kontor.Accounts.Sessions;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.SignIn;

/// <summary>A person signs out, on this device or on all: refresh tokens and access tokens are refused from this moment on.</summary>
public static class Logout
{
    internal static void Map(RouteGroupBuilder auth)
    {
        auth.MapPost("/logout", This).WithName("Logout").RequireAuthorization();
        auth.MapPost("/logout-all", All).WithName("LogoutAll").RequireAuthorization().EndsSessions();
    }

    private static async Task<NoContent> This(CurrentUser user, ISessions sessions, CancellationToken ct)
    {
        await sessions.End(user.SessionId, user.Id, EndReason.SignedOut, ct);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> All(CurrentUser user, ISessions sessions, CancellationToken ct)
    {
        await sessions.EndAll(user.Id, EndReason.SignedOutEverywhere, ct);
        return TypedResults.NoContent();
    }
}

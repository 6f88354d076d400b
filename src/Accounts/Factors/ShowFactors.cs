using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Factors;

/// <summary>A person sees what signing in takes beside the password.</summary>
public static class ShowFactors
{
    /// <param name="Totp">Whether there is an authenticator app.</param>
    /// <param name="Passkeys">How many there are.</param>
    /// <param name="RecoveryCodes">How many are left.</param>
    public sealed record Response(bool Totp, long Passkeys, long RecoveryCodes);

    internal static void Map(RouteGroupBuilder auth) => auth.MapGet("/mfa", Handle).WithName("ShowFactors").RequireAuthorization();

    private static async Task<Ok<Response>> Handle(CurrentUser user, IFactors factors, CancellationToken ct)
    {
        var own = await factors.Of(user.Id, ct);
        return TypedResults.Ok(new Response(own.Totp, own.Passkeys, own.RecoveryCodes));
    }
}

using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Passkeys;

/// <summary>A person who is signed in signs in once more in the same session by a passkey, for what wants a fresh sign-in.</summary>
public static class PasskeyStepUp
{
    internal static void Map(RouteGroupBuilder passkeys)
    {
        passkeys.MapPost("/step-up/options", Offer).WithName("OfferPasskeyStepUp").RequireAuthorization();
        passkeys.MapPost("/step-up", Handle).WithName("StepUpWithPasskey").RequireAuthorization();
    }

    private static async Task<Results<Ok<PasskeyOffer>, ProblemHttpResult>> Offer(
        CurrentUser user, IUsers users, PasskeyCeremonies ceremonies, HttpContext http, CancellationToken ct) =>
        await users.Find(user.Id, ct) is { } found
            ? TypedResults.Ok(await ceremonies.OfferToSign(PasskeyPurpose.StepUp, found, user.SessionId, http))
            : User.Unknown.ToResult();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        PasskeySignIn.Request request, CurrentUser user, PasskeyCeremonies ceremonies, ISessions sessions, HttpContext http,
        CancellationToken ct) =>
        await Confirm(request.State, request.Credential.GetRawText(), user, ceremonies, sessions, http, ct) is { } problem
            ? problem.ToResult()
            : TypedResults.NoContent();

    internal static async Task<Problem?> Confirm(
        string state, string credential, CurrentUser user, PasskeyCeremonies ceremonies, ISessions sessions, HttpContext http,
        CancellationToken ct)
    {
        if (ceremonies.Read(state, PasskeyPurpose.StepUp, user.Id, user.SessionId) is not { } challenge) return PasskeyChallenge.Over;
        var (_, problem) = await ceremonies.Sign(challenge, credential, http, ct);
        return problem ?? await sessions.Authenticate(user.SessionId, user.Id, PasskeySignIn.Methods, ct);
    }
}

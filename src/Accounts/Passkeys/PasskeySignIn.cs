using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Passkeys;

/// <summary>A person signs in with a passkey alone: no address, no password, and two factors all the same.</summary>
public static class PasskeySignIn
{
    /// <param name="State">From the offer that is answered.</param>
    /// <param name="Credential">What `navigator.credentials.get` gave, in the JSON form of WebAuthn Level 3.</param>
    public sealed record Request([property: MaxLength(PasskeyChallenge.LengthMax)] string State, JsonElement Credential);

    internal static readonly string[] Methods = [Authentication.Key, Authentication.TwoFactors];

    internal static void Map(RouteGroupBuilder passkeys)
    {
        passkeys.MapPost("/sign-in/options", Offer).WithName("OfferPasskeySignIn").WithoutSignIn();
        passkeys.MapPost("/sign-in", Handle).WithName("SignInWithPasskey").WithoutSignIn();
    }

    private static async Task<Ok<PasskeyOffer>> Offer(PasskeyCeremonies ceremonies, HttpContext http) =>
        TypedResults.Ok(await ceremonies.OfferToSign(PasskeyPurpose.SignIn, user: null, sessionId: null, http));

    private static async Task<Results<Ok<TokensView>, ProblemHttpResult>> Handle(
        Request request, PasskeyCeremonies ceremonies, SignIns signIns, HttpContext http, CancellationToken ct)
    {
        if (ceremonies.Read(request.State, PasskeyPurpose.SignIn, userId: null, sessionId: null) is not { } challenge)
            return PasskeyChallenge.Over.ToResult();
        var (user, problem) = await ceremonies.Sign(challenge, request.Credential.GetRawText(), http, ct);
        if (problem is not null) return problem.ToResult();
        (var tokens, problem) = await signIns.Open(user!, Device.Of(http.Request), Methods, ct);
        return problem is null ? TypedResults.Ok(tokens!) : problem.ToResult();
    }
}

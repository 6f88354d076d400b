using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Factors;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.External;

/// <summary>
/// An app gets the tokens of somebody who has signed in at another site: for the grant that its address was given, and the secret whose
/// hash it began with. A second factor is asked for as at any other sign-in; the grant is good until tokens were given for it.
/// </summary>
public static class ExchangeGrant
{
    /// <param name="Grant">From the app's address.</param>
    /// <param name="Verifier">43 to 128 characters, whose SHA-256 in base64url was the `challenge`.</param>
    /// <param name="Code">Of the authenticator app, or a recovery code; wanted after `mfa-required`.</param>
    public sealed record Request(
        [property: MaxLength(AppGrant.LengthMax)] string Grant,
        [property: StringLength(128, MinimumLength = 43)] string Verifier,
        [property: MaxLength(SecondFactor.CodeLengthMax)] string? Code = null);

    internal static void Map(RouteGroupBuilder external) =>
        external.MapPost("/exchange", Handle).WithName("ExchangeGrant").WithoutSignIn();

    private static async Task<Results<Ok<TokensView>, ProblemHttpResult>> Handle(
        Request request, AppGrants grants, HttpContext http, CancellationToken ct)
    {
        var (tokens, problem) = await grants.Exchange(request, http, ct);
        return problem is null ? TypedResults.Ok(tokens!) : problem.ToResult();
    }
}

/// <summary>Turns grants into sessions.</summary>
internal sealed class AppGrants(IUsers users, SecondFactor second, SignIns signIns, Spent spent, KeyRing ring, TimeProvider time)
{
    /// <returns>Or <see cref="PendingSignIn.Over"/>, or as <see cref="SecondFactor.Check"/> and <see cref="SignIns.Open"/>.</returns>
    public async Task<Outcome<TokensView>> Exchange(ExchangeGrant.Request request, HttpContext http, CancellationToken ct)
    {
        if (AppGrant.Read(request.Grant, request.Verifier, ring, time.NowMs()) is not { } grant) return PendingSignIn.Over;
        if (await users.Find(grant.UserId, ct) is not { } user) return PendingSignIn.Over;
        var (methods, problem) = await second.Check(
            user, request.Code, Actor.Of(http).As(user.Id), ct, first: Authentication.External);
        if (problem is not null) return problem;
        if (!await spent.Use(grant.Id, grant.ExpiresAt, ct)) return PendingSignIn.Over;
        return await signIns.Open(user with { Rights = grant.Rights }, Device.Of(http.Request), methods!, ct);
    }
}

using Kontor.Accounts.Keys;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.External;

/// <summary>Sends a browser to another site, to sign in, to sign in once more, or to link it with the account.</summary>
internal static class BeginExternal
{
    public static readonly Problem ProviderUnknown = new(404, "not-found", "Nobody signs in here by that site.");
    public static readonly Problem AppUnknown = new(400, "app-unknown", "No app with this address signs people in here.");

    /// <summary>Longer ones would not fit in a cookie.</summary>
    private const int TargetLengthMax = 1000;

    private const int ChallengeLength = 43;

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/auth/external/{provider}", ToSignIn);
        pages.MapGet("/auth/external/{provider}/link", ToLink).RequireAuthorization().WithFreshSignIn();
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> ToSignIn(
        string provider, string? returnUrl, bool? again, string? appUrl, string? challenge,
        ExternalTravel travel, IOptions<AccountOptions> options, HttpContext http, CancellationToken ct)
    {
        var flow = travel.Begin(provider, TargetOf(returnUrl)) with { Again = again is true };
        if (appUrl is null) return await travel.Leave(flow, http, ct);
        if (!options.Value.AppUrls.Contains(appUrl)) return AppUnknown.ToResult();
        if (challenge is not { Length: ChallengeLength } || !System.Buffers.Text.Base64Url.IsValid(challenge))
        {
            var errors = new FieldErrors();
            errors.Add("challenge", "The SHA-256 of the verifier in base64url: 43 characters.");
            return errors.ToProblem()!.ToResult();
        }

        return await travel.Leave(flow with { App = new(appUrl, challenge) }, http, ct);
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> ToLink(
        string provider, string? token, CurrentUser user, ExternalTravel travel, HttpContext http, CancellationToken ct) =>
        // Else another site could send somebody here, and they would come back with an account linked that they did not ask for.
        travel.IsLinkToken(token, user)
            ? await travel.Leave(travel.Begin(provider, "/account/external") with { LinkTo = user.Id }, http, ct)
            : ExternalFlow.Unknown.ToResult();

    private static string TargetOf(string? returnUrl)
    {
        var target = LocalUrls.OrHome(returnUrl);
        return target.Length <= TargetLengthMax ? target : "/";
    }
}

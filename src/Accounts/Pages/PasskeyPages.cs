using Kontor.Accounts.Factors;
using Kontor.Accounts.Passkeys;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts;

/// <summary>
/// Signing in with a passkey in a browser: instead of the password, as the second step after it, or once more in a session. Each has an
/// address that makes an offer, which a script asks for, and one that a form sends the answer to.
/// </summary>
internal static class PasskeyPages
{
    public const string Alone = "/login/passkey";
    public const string AsSecondStep = "/login/code/passkey";
    public const string Again = "/login/again/passkey";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapPost($"{Alone}/options", Offer).LimitedAsSignIn();
        pages.MapPost(Alone, SignIn).LimitedAsSignIn();
        pages.MapPost($"{AsSecondStep}/options", OfferSecondStep).LimitedAsSignIn();
        pages.MapPost(AsSecondStep, Complete).LimitedAsSignIn();
        pages.MapPost($"{Again}/options", OfferAgain).RequireAuthorization().LimitedAsSignIn();
        pages.MapPost(Again, Confirm).RequireAuthorization().LimitedAsSignIn();
    }

    private static async Task<Ok<PasskeyOffer>> Offer(IFormCollection form, PasskeyCeremonies ceremonies, HttpContext http) =>
        TypedResults.Ok(await ceremonies.OfferToSign(PasskeyPurpose.SignIn, user: null, sessionId: null, http));

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> SignIn(
        [FromForm] string? state, [FromForm] string? credential, [FromForm] string? returnUrl,
        PasskeyCeremonies ceremonies, PageSignIns signIns, HttpContext http, CancellationToken ct)
    {
        var target = LocalUrls.OrHome(returnUrl);
        var (user, problem) = ceremonies.Read(state ?? "", PasskeyPurpose.SignIn, userId: null, sessionId: null) is { } challenge
            ? await ceremonies.Sign(challenge, credential ?? "", http, ct)
            : PasskeyChallenge.Over;
        var next = default(string);
        if (problem is null) (next, problem) = await signIns.Open(user!, PasskeySignIn.Methods, target, http, ct);
        return problem is null
            ? SignInPages.GoTo(next!)
            : Pages.Render<LoginPage>(new { ReturnUrl = target, Problem = problem }, problem.Status);
    }

    private static async Task<Results<Ok<PasskeyOffer>, ProblemHttpResult>> OfferSecondStep(
        IFormCollection form, PasskeyCeremonies ceremonies, PageSignIns signIns, IUsers users, HttpContext http, CancellationToken ct) =>
        signIns.Pending(http) is { } pending && await users.Find(pending.UserId, ct) is { } user
            ? TypedResults.Ok(await ceremonies.OfferToSign(PasskeyPurpose.SignIn, user, pending.Id, http))
            : PendingSignIn.Over.ToResult();

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Complete(
        [FromForm] string? state, [FromForm] string? credential, [FromForm] string? returnUrl,
        PasskeyCeremonies ceremonies, PageSignIns signIns, IFactors factors, HttpContext http, CancellationToken ct)
    {
        var target = LocalUrls.OrHome(returnUrl);
        if (signIns.Pending(http) is not { } pending) return SecondStepPages.StartAgain(target);
        var (user, problem) = ceremonies.Read(state ?? "", PasskeyPurpose.SignIn, pending.UserId, pending.Id) is { } challenge
            ? await ceremonies.Sign(challenge, credential ?? "", http, ct)
            : PasskeyChallenge.Over;
        var next = default(string);
        if (problem is null) (next, problem) = await signIns.Finish(pending, user!, PasskeySignIn.Methods, target, http, ct);
        return problem is null
            ? SignInPages.GoTo(next!)
            : await SecondStepPages.RenderCode(pending, target, null, problem, factors, ct);
    }

    private static async Task<Results<Ok<PasskeyOffer>, ProblemHttpResult>> OfferAgain(
        IFormCollection form, CurrentUser user, IUsers users, PasskeyCeremonies ceremonies, HttpContext http, CancellationToken ct) =>
        await users.Find(user.Id, ct) is { } found
            ? TypedResults.Ok(await ceremonies.OfferToSign(PasskeyPurpose.StepUp, found, user.SessionId, http))
            : User.Unknown.ToResult();

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Confirm(
        [FromForm] string? state, [FromForm] string? credential, [FromForm] string? returnUrl, CurrentUser user,
        PasskeyCeremonies ceremonies, ISessions sessions, SignInAgainView view, HttpContext http, CancellationToken ct)
    {
        var target = LocalUrls.OrHome(returnUrl);
        if (await PasskeyStepUp.Confirm(state ?? "", credential ?? "", user, ceremonies, sessions, http, ct) is { } problem)
            return await view.Render(user, target, null, problem, ct);
        // The next page is refreshed: the access token says how its owner signed in.
        PageCookies.ForgetAccess(http);
        return SignInPages.GoTo(target);
    }
}

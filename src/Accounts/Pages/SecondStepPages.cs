using Kontor.Accounts.External;
using Kontor.Accounts.Factors;
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

/// <summary>The second step of a sign-in, and signing in once more for what wants a fresh sign-in.</summary>
internal static class SecondStepPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(PageSignIns.SecondStep, ShowCode);
        pages.MapPost(PageSignIns.SecondStep, GiveCode).LimitedAsSignIn();
        pages.MapGet(FreshSignIn.Page, ShowAgain).RequireAuthorization();
        pages.MapPost(FreshSignIn.Page, Again).RequireAuthorization().LimitedAsSignIn();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> ShowCode(
        string? recovery, string? returnUrl, PageSignIns signIns, IFactors factors, HttpContext http, CancellationToken ct)
    {
        var target = LocalUrls.OrHome(returnUrl);
        return signIns.Pending(http) is { } pending
            ? await RenderCode(pending, target, recovery, null, factors, ct)
            : StartAgain(target);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> GiveCode(
        [FromForm] string? code, [FromForm] string? recovery, [FromForm] string? returnUrl,
        PageSignIns signIns, IFactors factors, HttpContext http, CancellationToken ct)
    {
        var target = LocalUrls.OrHome(returnUrl);
        if (signIns.Pending(http) is not { } pending) return StartAgain(target);
        var (next, problem) = await signIns.Complete(pending, Typed(code), target, http, ct);
        if (problem is null) return SignInPages.GoTo(next!);
        if (problem == PendingSignIn.Over || problem == Sessions.Session.Overtaken) return StartAgain(target);
        return await RenderCode(pending, target, recovery, problem, factors, ct);
    }

    private static async Task<RazorComponentResult> ShowAgain(
        string? recovery, string? returnUrl, CurrentUser user, SignInAgainView view, CancellationToken ct) =>
        await view.Render(user, LocalUrls.OrHome(returnUrl), recovery, null, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Again(
        [FromForm] string? password, [FromForm] string? code, [FromForm] string? recovery, [FromForm] string? returnUrl,
        CurrentUser user, SignInsAgain again, SignInAgainView view, HttpContext http, CancellationToken ct)
    {
        var target = LocalUrls.OrHome(returnUrl);
        if (await again.Confirm(user, SignInPages.Typed(password), Typed(code), http, ct) is { } problem)
            return await view.Render(user, target, recovery, problem, ct);
        // The next page is refreshed: the access token says how its owner signed in.
        PageCookies.ForgetAccess(http);
        return SignInPages.GoTo(target);
    }

    internal static async Task<RazorComponentResult> RenderCode(
        PendingSignIn pending, string target, string? recovery, Problem? problem, IFactors factors, CancellationToken ct)
    {
        var own = await factors.Of(pending.UserId, ct);
        return Pages.Render<CodePage>(
            new { Factors = own.Names, Recovery = AsksRecovery(own, recovery), ReturnUrl = target, Problem = problem },
            problem?.Status ?? 200);
    }

    /// <summary>Whoever has no app, but a passkey, is asked for a recovery code.</summary>
    internal static bool AsksRecovery(OwnFactors own, string? recovery) => recovery == "true" || !own.Totp;

    internal static RedirectHttpResult StartAgain(string target) =>
        TypedResults.LocalRedirect($"/login?over=true&returnUrl={Uri.EscapeDataString(target)}");

    private static string Typed(string? code) => code is { Length: <= SecondFactor.CodeLengthMax } ? code : "";
}

/// <summary>Renders the page that asks somebody who is signed in to sign in once more, by what they have.</summary>
internal sealed class SignInAgainView(IUsers users, IFactors factors, Identities identities, Providers providers)
{
    public async Task<RazorComponentResult> Render(
        CurrentUser user, string target, string? recovery, Problem? problem, CancellationToken ct)
    {
        var found = await users.Find(user.Id, ct) ?? throw new InvalidOperationException("A session has lost its owner.");
        var own = await factors.Of(user.Id, ct);
        var linked = await identities.Of(user.Id, ct);
        return Pages.Render<SignInAgainPage>(new
        {
            Factors = own.Names,
            found.HasPassword,
            Sites = providers.Links.Where(site => linked.Any(identity => identity.Provider == site.Name)).ToList(),
            Recovery = SecondStepPages.AsksRecovery(own, recovery),
            ReturnUrl = target,
            Problem = problem,
        }, problem?.Status ?? 200);
    }
}

using Kontor.Accounts.Factors;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
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
        string? recovery, string? returnUrl, CurrentUser user, IFactors factors, CancellationToken ct) =>
        await RenderAgain(user, LocalUrls.OrHome(returnUrl), recovery, null, factors, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Again(
        [FromForm] string? password, [FromForm] string? code, [FromForm] string? recovery, [FromForm] string? returnUrl,
        CurrentUser user, SignInsAgain again, IFactors factors, HttpContext http, CancellationToken ct)
    {
        var target = LocalUrls.OrHome(returnUrl);
        if (await again.Confirm(user, SignInPages.Typed(password), Typed(code), http, ct) is { } problem)
            return await RenderAgain(user, target, recovery, problem, factors, ct);
        // The next page is refreshed: the access token says how its owner signed in.
        PageCookies.ForgetAccess(http);
        return SignInPages.GoTo(target);
    }

    internal static async Task<RazorComponentResult> RenderCode(
        PendingSignIn pending, string target, string? recovery, Problem? problem, IFactors factors, CancellationToken ct) =>
        Render<CodePage>(await factors.Of(pending.UserId, ct), target, recovery, problem);

    internal static async Task<RazorComponentResult> RenderAgain(
        CurrentUser user, string target, string? recovery, Problem? problem, IFactors factors, CancellationToken ct) =>
        Render<SignInAgainPage>(await factors.Of(user.Id, ct), target, recovery, problem);

    /// <summary>Whoever has no app, but a passkey, is asked for a recovery code.</summary>
    private static RazorComponentResult Render<TPage>(OwnFactors own, string target, string? recovery, Problem? problem)
        where TPage : IComponent => Pages.Render<TPage>(
            new { Factors = own.Names, Recovery = recovery == "true" || !own.Totp, ReturnUrl = target, Problem = problem },
            problem?.Status ?? 200);

    internal static RedirectHttpResult StartAgain(string target) =>
        TypedResults.LocalRedirect($"/login?over=true&returnUrl={Uri.EscapeDataString(target)}");

    private static string Typed(string? code) => code is { Length: <= SecondFactor.CodeLengthMax } ? code : "";
}

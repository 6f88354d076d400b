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

/// <summary>What a person signs in with beside the password.</summary>
internal static class SecurityPages
{
    public const string Home = "/account/security";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(Home, Show).RequireAuthorization();
        var changes = pages.MapGroup(Home).RequireAuthorization().WithFreshSignIn();
        changes.MapPost("/totp", Propose);
        changes.MapGet("/totp", ShowProposed);
        changes.MapPost("/totp/confirm", Confirm).LimitedAsSignIn();
        changes.MapPost("/totp/remove", Remove).LimitedAsSignIn();
        changes.MapPost("/recovery-codes", Replace);
        changes.MapPost("/passkeys/options", OfferPasskey);
        changes.MapPost("/passkeys", AddPasskey).LimitedAsSignIn();
        changes.MapPost("/passkeys/{id}/name", RenamePasskey);
        changes.MapPost("/passkeys/{id}/remove", RemovePasskey);
    }

    private static Task<RazorComponentResult> Show(string? changed, CurrentUser user, OwnSecurity own, CancellationToken ct) =>
        own.Render(user, changed, null, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Propose(
        IFormCollection form, CurrentUser user, IUsers users, AuthenticatorApps apps, OwnSecurity own, CancellationToken ct)
    {
        var found = await users.Find(user.Id, ct) ?? throw new InvalidOperationException("A session has lost its owner.");
        var (_, problem) = await apps.Propose(found, ct);
        return problem is null ? TypedResults.LocalRedirect($"{Home}/totp") : await own.Render(user, null, problem, ct);
    }

    private static Task<Results<RedirectHttpResult, RazorComponentResult>> ShowProposed(
        CurrentUser user, IUsers users, AuthenticatorApps apps, CancellationToken ct) => RenderProposed(user, users, apps, null, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Confirm(
        [FromForm] string? code, CurrentUser user, IUsers users, AuthenticatorApps apps, ISessions sessions, Actor by, HttpContext http,
        CancellationToken ct)
    {
        var (codes, problem) = await TotpSetup.ConfirmIn(Typed(code), user, apps, sessions, by, ct);
        if (problem is not null) return await RenderProposed(user, users, apps, problem, ct);
        // The next page is refreshed: the access token says how its owner signed in.
        PageCookies.ForgetAccess(http);
        return Pages.Render<RecoveryCodesPage>(new { Codes = codes!, First = true });
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Remove(
        [FromForm] string? code, CurrentUser user, SecondFactor second, IFactors factors, OwnSecurity own, Actor by, CancellationToken ct)
    {
        var problem = await TotpSetup.RemoveBy(Typed(code), user, second, factors, by, ct);
        return problem is null ? Changed() : await own.Render(user, null, problem, ct);
    }

    private static async Task<RazorComponentResult> Replace(
        IFormCollection form, CurrentUser user, RecoveryCodes recovery, OwnSecurity own, Actor by, CancellationToken ct)
    {
        var (codes, problem) = await recovery.Replace(user.Id, by, ct);
        return problem is null ? Pages.Render<RecoveryCodesPage>(new { Codes = codes! }) : await own.Render(user, null, problem, ct);
    }

    private static async Task<Results<Ok<PasskeyOffer>, ProblemHttpResult>> OfferPasskey(
        IFormCollection form, CurrentUser user, IUsers users, PasskeyCeremonies ceremonies, HttpContext http, CancellationToken ct) =>
        await users.Find(user.Id, ct) is { } found
            ? TypedResults.Ok(await ceremonies.OfferToAdd(found, user.SessionId, http))
            : User.Unknown.ToResult();

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> AddPasskey(
        [FromForm] string? state, [FromForm] string? credential, [FromForm] string? name,
        CurrentUser user, NewPasskeys fresh, OwnSecurity own, HttpContext http, CancellationToken ct)
    {
        var (added, problem) = await fresh.Add(user, state ?? "", credential ?? "", name, http, ct);
        if (problem is not null) return await own.Render(user, null, problem, ct);
        // The next page is refreshed: the access token says how its owner signed in.
        PageCookies.ForgetAccess(http);
        return added!.RecoveryCodes.Count > 0
            ? Pages.Render<RecoveryCodesPage>(new { Codes = added.RecoveryCodes, First = true })
            : Changed();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> RenamePasskey(
        string id, [FromForm] string? name, CurrentUser user, IPasskeys passkeys, OwnSecurity own, HttpContext http, CancellationToken ct)
    {
        var (_, problem) = await OwnPasskeys.RenameTo(id, name ?? "", user, passkeys, http, ct);
        return problem is null ? Changed() : await own.Render(user, null, problem, ct);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> RemovePasskey(
        string id, IFormCollection form, CurrentUser user, IPasskeys passkeys, OwnSecurity own, Actor by, CancellationToken ct) =>
        await passkeys.Remove(id, user.Id, by, ct) is { } problem ? await own.Render(user, null, problem, ct) : Changed();

    private static RedirectHttpResult Changed() => TypedResults.LocalRedirect($"{Home}?changed=true");

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> RenderProposed(
        CurrentUser user, IUsers users, AuthenticatorApps apps, Problem? problem, CancellationToken ct)
    {
        if (await users.Find(user.Id, ct) is not { } found || await apps.Proposed(found, ct) is not { } app)
            return TypedResults.LocalRedirect(Home);
        return Pages.Render<AuthenticatorPage>(new { app.Secret, app.Uri, app.QrSvg, Problem = problem }, problem?.Status ?? 200);
    }

    private static string Typed(string? code) => code is { Length: <= SecondFactor.CodeLengthMax } ? code : "";

    /// <summary>The page with everything that its owner has; a handler takes it as a parameter.</summary>
    internal sealed class OwnSecurity(IFactors factors, IPasskeys passkeys)
    {
        public async Task<RazorComponentResult> Render(CurrentUser user, string? changed, Problem? problem, CancellationToken ct)
        {
            var own = await factors.Of(user.Id, ct);
            return Pages.Render<SecurityPage>(new
            {
                own.Totp,
                own.RecoveryCodes,
                own.Any,
                Passkeys = await OwnPasskeys.ViewsOf(user, passkeys, ct),
                Changed = changed,
                Problem = problem,
            }, problem?.Status ?? 200);
        }
    }
}

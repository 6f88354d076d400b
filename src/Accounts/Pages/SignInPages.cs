using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts;

/// <summary>Signing in, registering and signing out in a browser, whose tokens are cookies.</summary>
internal static class SignInPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/login", ShowLogin);
        pages.MapPost("/login", Login).LimitedAsSignIn();
        pages.MapGet("/register", ShowRegister);
        pages.MapPost("/register", Register).LimitedAsSignIn();
        pages.MapPost("/logout", Logout);
    }

    private static Results<RedirectHttpResult, RazorComponentResult> ShowLogin(
        string? returnUrl, bool? over, string? note, CurrentUser? user)
    {
        var target = LocalUrls.OrHome(returnUrl);
        if (user is not null) return GoTo(target);
        var problem = over is true ? PendingSignIn.Over : ExternalNote.ProblemOf(note);
        return Pages.Render<LoginPage>(
            new { ReturnUrl = target, HasNewPassword = note == "password", ToLink = note == ExternalNote.Link, Problem = problem });
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Login(
        [FromForm] string? email, [FromForm] string? password, [FromForm] string? returnUrl,
        Credentials credentials, PageSignIns signIns, HttpContext http, CancellationToken ct)
    {
        var target = LocalUrls.OrHome(returnUrl);
        var (user, problem) = await credentials.Check(email ?? "", Typed(password), http, ct);
        var next = default(string);
        if (problem is null) (next, problem) = await signIns.Continue(user!, Authentication.Password, target, http, ct);
        return problem is null
            ? GoTo(next!)
            : Refused<LoginPage>(http, problem, new { Email = email, ReturnUrl = target, Problem = problem });
    }

    private static Results<RedirectHttpResult, RazorComponentResult> ShowRegister(string? returnUrl, CurrentUser? user)
    {
        var target = LocalUrls.OrHome(returnUrl);
        return user is null ? Pages.Render<RegisterPage>(new { ReturnUrl = target }) : GoTo(target);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Register(
        [FromForm] string? email, [FromForm] string? password, [FromForm] string? name, [FromForm] string? returnUrl,
        NewAccounts accounts, SignIns signIns, HttpContext http, Texts T, CancellationToken ct)
    {
        var target = LocalUrls.OrHome(returnUrl);
        var (user, problem) = await accounts.Create(email ?? "", Typed(password), name, http, ct);
        if (problem is null && user is null) return EmailPages.LookIntoYourMailbox(T);
        var tokens = default(TokensView);
        if (problem is null) (tokens, problem) = await signIns.Open(user!, Device.Of(http.Request), [Authentication.Password], ct);
        if (problem is not null)
            return Refused<RegisterPage>(http, problem, new { Email = email, Name = name, ReturnUrl = target, Problem = problem });
        PageCookies.Write(http, tokens!);
        return GoTo(target);
    }

    /// <summary>Also for a stranger, whose session has just run out. The form is bound for its antiforgery token.</summary>
    private static async Task<RedirectHttpResult> Logout(
        IFormCollection form, CurrentUser? user, ISessions sessions, HttpContext http, CancellationToken ct)
    {
        if (user is not null) await sessions.End(user.SessionId, user.Id, EndReason.SignedOut, ct);
        PageCookies.Clear(http);
        return TypedResults.LocalRedirect("/");
    }

    private static RazorComponentResult Refused<TPage>(HttpContext http, Problem problem, object parameters)
        where TPage : IComponent
    {
        problem.WriteRetryAfter(http.Response);
        return Pages.Render<TPage>(parameters, problem.Status);
    }

    /// <summary>An address goes into a header, which is ASCII, whatever was typed.</summary>
    internal static RedirectHttpResult GoTo(string target) =>
        TypedResults.LocalRedirect(UriHelper.Encode(new Uri(target, UriKind.Relative)));

    /// <summary>Beyond what the API takes, nothing is right anyway, and it is not worth hashing.</summary>
    internal static string Typed(string? password) => password is { Length: <= 1024 } ? password : "";
}

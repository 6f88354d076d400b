using Kontor.Accounts.Passwords;
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

/// <summary>A new password: for whoever forgot the old one, and for whoever knows it.</summary>
internal static class PasswordPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/forgot", () => Pages.Render<ForgotPage>());
        pages.MapPost("/forgot", Forgot).LimitedAsSignIn();
        pages.MapGet("/reset", ShowReset).KeepsItsAddress();
        pages.MapPost("/reset", Reset).LimitedAsSignIn();
        pages.MapGet("/account/password", ShowChange).RequireAuthorization().WithFreshSignIn();
        pages.MapPost("/account/password", Change).RequireAuthorization().WithFreshSignIn().LimitedAsSignIn();
    }

    private static async Task<RazorComponentResult> Forgot([FromForm] string? email, OwnPassword own, Texts T, CancellationToken ct)
    {
        await own.AskReset(email ?? "", ct);
        return Pages.Render<MessagePage>(new
        {
            Title = T["Check your e-mail"],
            Text = T["If there is an account with this address, we have sent it an e-mail with a link that works for 30 minutes."],
        });
    }

    private static RazorComponentResult ShowReset(string? token) => Pages.Render<ResetPage>(new { Token = token ?? "" });

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Reset(
        [FromForm] string? token, [FromForm(Name = "password")] string? chosen, OwnPassword own, HttpContext http, Texts T,
        CancellationToken ct)
    {
        var problem = await own.Reset(token ?? "", chosen ?? "", http, ct);
        if (problem == Email.Links.Invalid) return EmailPages.LinkInvalid(problem, T);
        if (problem is not null) return Pages.Render<ResetPage>(new { Token = token, Problem = problem }, problem.Status);
        PageCookies.Clear(http);
        return TypedResults.LocalRedirect("/login?note=password");
    }

    private static async Task<RazorComponentResult> ShowChange(CurrentUser user, IUsers users, CancellationToken ct) =>
        Pages.Render<PasswordPage>(new { HasPassword = await users.Find(user.Id, ct) is { HasPassword: true } });

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Change(
        [FromForm] string? current, [FromForm(Name = "password")] string? chosen,
        CurrentUser user, OwnPassword own, Credentials credentials, HttpContext http, CancellationToken ct)
    {
        var problem = await own.Change(user, SignInPages.Typed(current), chosen ?? "", credentials, http, ct);
        if (problem is not null) return Pages.Render<PasswordPage>(new { Problem = problem }, problem.Status);
        PageCookies.ForgetAccess(http);
        return TypedResults.LocalRedirect("/account?saved=password");
    }
}

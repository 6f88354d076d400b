using Kontor.Accounts.Email;
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

/// <summary>Confirming an address, changing it, and taking it back.</summary>
internal static class EmailPages
{
    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/verify", ShowVerify).KeepsItsAddress();
        pages.MapPost("/verify", Verify).LimitedAsSignIn();
        pages.MapGet("/undo-email", ShowUndo).KeepsItsAddress();
        pages.MapPost("/undo-email", Undo).LimitedAsSignIn();
        pages.MapPost("/account/email/resend", Resend).RequireAuthorization().LimitedAsSignIn();
        pages.MapGet("/account/email", () => Pages.Render<EmailPage>()).RequireAuthorization().WithFreshSignIn();
        pages.MapPost("/account/email", Change).RequireAuthorization().WithFreshSignIn().LimitedAsSignIn();
    }

    /// <summary>What somebody does who got a letter to look for.</summary>
    public static RazorComponentResult LookIntoYourMailbox(Texts T) => Pages.Render<MessagePage>(new
    {
        Title = T["Check your e-mail"],
        Text = T["We have sent you an e-mail with a link that works for 30 minutes. If it does not arrive, look into your spam folder."],
    });

    public static RazorComponentResult LinkInvalid(Problem problem, Texts T) => Pages.Render<MessagePage>(new
    {
        Title = T["This link does not work"],
        Text = T[problem.Title],
        Href = "/account",
        Action = T["To your account"],
    }, problem.Status);

    private static RazorComponentResult ShowVerify(string? token, string? done, CurrentUser? user, Texts T) => done is null
        ? Pages.Render<LinkPage>(new
        {
            Title = T["Confirm your address"],
            Text = T["One click, and the address is confirmed as yours."],
            Action = "/verify",
            Button = T["Confirm"],
            Token = token ?? "",
        })
        : Pages.Render<MessagePage>(new
        {
            Title = T["Your address is confirmed"],
            Text = user is null ? T["Thank you. You can sign in with it."] : T["Thank you."],
            Href = user is null ? "/login" : "/",
            Action = user is null ? T["Sign in"] : T["To the front page"],
        });

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Verify(
        [FromForm] string? token, OwnEmail email, HttpContext http, Texts T, CancellationToken ct)
    {
        if (await email.Confirm(token ?? "", Actor.Of(http), ct) is { } problem) return LinkInvalid(problem, T);
        return TypedResults.LocalRedirect("/verify?done=1");
    }

    private static RazorComponentResult ShowUndo(string? token, string? done, Texts T) => done is null
        ? Pages.Render<LinkPage>(new
        {
            Title = T["Take your account back"],
            Text = T["Your account gets this address again, everybody is signed out of it, and you choose a new password."],
            Action = "/undo-email",
            Button = T["Take it back"],
            Token = token ?? "",
        })
        : Pages.Render<MessagePage>(new
        {
            Title = T["Your account is yours again"],
            Text = T["We have sent you an e-mail with a link. Choose a new password with it; the old one no longer works."],
        });

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Undo(
        [FromForm] string? token, Recovery recovery, HttpContext http, Texts T, CancellationToken ct)
    {
        if (await recovery.Run(token ?? "", Actor.Of(http), ct) is { } problem) return LinkInvalid(problem, T);
        PageCookies.Clear(http);
        return TypedResults.LocalRedirect("/undo-email?done=1");
    }

    private static async Task<RazorComponentResult> Resend(
        IFormCollection form, CurrentUser user, OwnEmail email, Texts T, CancellationToken ct)
    {
        await email.AskAgain(user.Id, ct);
        return LookIntoYourMailbox(T);
    }

    private static async Task<RazorComponentResult> Change(
        [FromForm(Name = "email")] string? typed, CurrentUser user, OwnEmail own, Texts T, CancellationToken ct) =>
        await ChangeEmail.Ask(typed ?? "", user, own, ct) is { } problem
            ? Pages.Render<EmailPage>(new { Email = typed, Problem = problem }, problem.Status)
            : LookIntoYourMailbox(T);

    /// <summary>The address of such a page holds a token: no other page is told it, and nothing keeps it.</summary>
    public static TBuilder KeepsItsAddress<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.AddEndpointFilter(static (context, next) =>
        {
            var headers = context.HttpContext.Response.Headers;
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = "no-store";
            return next(context);
        });
}

using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts;

/// <summary>Where a person is signed in, and how they end one session, all others, or all.</summary>
internal static class SessionPages
{
    public const string Home = "/account/sessions";

    /// <summary>Ends all sessions but this one; pages that have just changed a factor offer it too.</summary>
    public const string Others = $"{Home}/end-others";

    public const string Everywhere = "/account/logout-all";

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet(Home, Show).RequireAuthorization();
        pages.MapPost($"{Home}/{{id}}/end", End).RequireAuthorization().EndsSessions();
        pages.MapPost(Others, EndOthers).RequireAuthorization().EndsSessions();
        pages.MapPost(Everywhere, EndAll).RequireAuthorization().EndsSessions();
    }

    private static Task<RazorComponentResult> Show(string? ended, CurrentUser user, ISessions sessions, CancellationToken ct) =>
        Render(user, sessions, ended, null, ct);

    /// <summary>The forms are bound for their antiforgery token.</summary>
    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> End(
        string id, IFormCollection form, CurrentUser user, ISessions sessions, CancellationToken ct)
    {
        var problem = await sessions.End(id, user.Id, EndReason.EndedByOwner, ct);
        return problem is null ? TypedResults.LocalRedirect($"{Home}?ended=one") : await Render(user, sessions, null, problem, ct);
    }

    private static async Task<RedirectHttpResult> EndOthers(
        IFormCollection form, CurrentUser user, ISessions sessions, CancellationToken ct)
    {
        await sessions.EndAll(user.Id, EndReason.EndedByOwner, ct, except: user.SessionId);
        return TypedResults.LocalRedirect($"{Home}?ended=others");
    }

    private static async Task<RedirectHttpResult> EndAll(
        IFormCollection form, CurrentUser user, ISessions sessions, HttpContext http, CancellationToken ct)
    {
        await sessions.EndAll(user.Id, EndReason.SignedOutEverywhere, ct);
        PageCookies.Clear(http);
        return TypedResults.LocalRedirect("/login");
    }

    private static async Task<RazorComponentResult> Render(
        CurrentUser user, ISessions sessions, string? ended, Problem? problem, CancellationToken ct) => Pages.Render<SessionsPage>(new
        {
            Sessions = await OwnSessions.ViewsOf(user, sessions, ct),
            Ended = ended,
            Problem = problem,
        }, problem?.Status ?? 200);
}

using Kontor.Accounts.Profile;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts;

/// <summary>A person's own account: what they are called, and where they are signed in.</summary>
internal static class AccountPages
{
    private const string Home = "/account";

    public static void Map(RouteGroupBuilder pages)
    {
        var account = pages.MapGroup(Home).RequireAuthorization();
        account.MapGet("", Show);
        account.MapPost("/name", ChangeProfile);
    }

    private static Task<RazorComponentResult> Show(
        string? saved, CurrentUser user, IUsers users, ISessions sessions, CancellationToken ct) =>
        Render(user, users, sessions, new(Saved: saved), ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> ChangeProfile(
        [FromForm] string? name, [FromForm] string? language, CurrentUser user, IUsers users, ISessions sessions, HttpContext http,
        CancellationToken ct)
    {
        var (_, problem) = await OwnProfile.Rename(user.Id, name ?? "", users, ct);
        if (problem is not null) return await Render(user, users, sessions, new(Name: name, Problem: problem), ct);
        if (language is "en" or "de") await users.Speak(user.Id, language, ct);
        // The next page is refreshed and shows the new name, which is part of the access token.
        PageCookies.ForgetAccess(http);
        return TypedResults.LocalRedirect($"{Home}?saved=name");
    }

    /// <summary>What the last form left to say.</summary>
    private sealed record Remark(string? Saved = null, string? Name = null, Problem? Problem = null);

    private static async Task<RazorComponentResult> Render(
        CurrentUser user, IUsers users, ISessions sessions, Remark remark, CancellationToken ct)
    {
        var found = await users.Find(user.Id, ct) ?? throw new InvalidOperationException("A session has lost its owner.");
        return Pages.Render<AccountPage>(new
        {
            found.Email,
            found.EmailVerified,
            found.Language,
            Name = remark.Name ?? found.Name,
            found.Roles,
            Sessions = await OwnSessions.ViewsOf(user, sessions, ct),
            remark.Saved,
            remark.Problem,
        }, remark.Problem?.Status ?? 200);
    }
}

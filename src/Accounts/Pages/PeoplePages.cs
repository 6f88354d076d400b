using Kontor.Accounts.Administration;
using Kontor.Accounts.Passwords;
using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts;

/// <summary>The admin panel's part about people: who there is, what they may do, and what was done to their accounts.</summary>
internal static class PeoplePages
{
    private static readonly AuditPage NoEntries = new([], null);

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages("/admin").RequireAuthorization(Policies.Admin);
        pages.MapGet("/audit", ShowTrail);
        pages.MapGet("/users", ShowUsers);
        pages.MapGet("/users/{id}", ShowUser);
        pages.MapPost("/users/{id}/roles", ChangeRole);
        pages.MapPost("/users/{id}/lock", Lock);
        pages.MapPost("/users/{id}/unlock", Unlock);
        pages.MapPost("/users/{id}/password-reset", SendReset);
        pages.MapPost("/users/{id}/sessions/end", EndSessions);
        pages.MapPost("/users/{id}/sessions/{session}/end", EndSession);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowUsers(
        [AsParameters] ListUsers.Request request, PeopleSearch search, IEnumerable<Role> roles, CancellationToken ct)
    {
        var (list, problem) = await ListUsers.Read(request, search, roles, ct);
        return problem is null ? Pages.Render<UsersPage>(new { List = list, Asked = request }) : problem.ToResult();
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowTrail(
        [AsParameters] ShowAudit.Request request, IUsers users, AuditTrail trail, CancellationToken ct)
    {
        var (page, problem) = await ShowAudit.Read(request, users, trail, ct);
        if (problem is null) return Pages.Render<AuditTrailPage>(new { Page = page, Asked = request });
        return FieldErrors.Of(problem).Count > 0
            ? Pages.Render<AuditTrailPage>(new { Page = NoEntries, Asked = request, Problem = problem }, problem.Status)
            : problem.ToResult();
    }

    private static Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> ShowUser(
        string id, string? cursor, string? note, UserFile file, CancellationToken ct) => file.Show(id, cursor, note, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> ChangeRole(
        string id, [FromForm] string? role, [FromForm] string? give, Actor by, Rights rights, Database database, UserFile file,
        CancellationToken ct) => await file.After(id, await database.Write(
            tx => give == "true" ? rights.Grant(tx, id, role ?? "", by) : rights.Take(tx, id, role ?? "", by), ct), null, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Lock(
        string id, [FromForm] string? reason, Actor by, Rights rights, Database database, UserFile file, CancellationToken ct) =>
        await file.After(
            id, Rights.CheckReason(reason) ?? await database.Write(tx => rights.Lock(tx, id, reason!.Trim(), by), ct), reason, ct);

    /// <summary>The forms of those that have no field are bound for their antiforgery token.</summary>
    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Unlock(
        string id, IFormCollection form, Actor by, Rights rights, Database database, UserFile file, CancellationToken ct) =>
        await file.After(id, await database.Write(tx => rights.Unlock(tx, id, by), ct), null, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> SendReset(
        string id, IFormCollection form, Actor by, OwnPassword password, UserFile file, CancellationToken ct) =>
        await file.After(id, await password.SendReset(id, by, ct), null, ct, note: "reset");

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> EndSession(
        string id, string session, IFormCollection form, Actor by, SignOuts signOuts, UserFile file, CancellationToken ct) =>
        await file.After(id, await signOuts.One(id, session, by, ct), null, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> EndSessions(
        string id, IFormCollection form, Actor by, SignOuts signOuts, UserFile file, CancellationToken ct) =>
        await file.After(id, await signOuts.All(id, by, ct), null, ct);
}

/// <summary>Renders what an admin sees of one person, as it is asked for and after each form.</summary>
internal sealed class UserFile(PeopleSearch search, ISessions sessions, AuditTrail trail)
{
    private const int EntriesShown = 20;

    public Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Show(
        string id, string? cursor, string? note, CancellationToken ct) => Render(id, cursor, note, null, null, ct);

    /// <param name="id">Whose.</param>
    /// <param name="problem">Why the form was refused; null leads back to the page.</param>
    /// <param name="reason">What was typed, to be shown again.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="note">What the page says that was done, where it does not show.</param>
    public async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> After(
        string id, Problem? problem, string? reason, CancellationToken ct, string? note = null) => problem is null
            ? TypedResults.LocalRedirect($"/admin/users/{Uri.EscapeDataString(id)}{(note is null ? "" : $"?note={note}")}")
            : await Render(id, null, null, problem, reason, ct);

    private async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Render(
        string id, string? cursor, string? note, Problem? problem, string? reason, CancellationToken ct)
    {
        if (await search.Find(id, ct) is not { } user) return User.Unknown.ToResult();
        var (audit, invalid) = await trail.List(new(Subject: id, Cursor: cursor, Limit: EntriesShown), ct);
        if (invalid is not null) return invalid.ToResult();
        return Pages.Render<UserPage>(new
        {
            User = user,
            Sessions = await UserSessions.ViewsOf(id, sessions, ct),
            Audit = audit,
            ResetSent = note == "reset",
            Problem = problem,
            Reason = reason,
        }, problem?.Status ?? 200);
    }
}

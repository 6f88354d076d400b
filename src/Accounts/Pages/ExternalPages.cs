using Kontor.Accounts.External;
using Kontor.Accounts.Keys;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts;

/// <summary>The other sites that a person signs in with: which are linked, and the question whether one should be.</summary>
internal static class ExternalPages
{
    private const string Home = "/account/external";

    public static void Map(RouteGroupBuilder pages)
    {
        BeginExternal.Map(pages);
        EndExternal.Map(pages);
        var own = pages.MapGroup(Home).RequireAuthorization();
        own.MapGet("", Show);
        own.MapPost("/{provider}/remove", Remove).WithFreshSignIn();
        own.MapGet("/confirm", ShowConfirm).WithFreshSignIn();
        own.MapPost("/confirm", Confirm).WithFreshSignIn();
        own.MapPost("/refuse", Refuse);
    }

    private static Task<RazorComponentResult> Show(string? note, CurrentUser user, ExternalAccount account, CancellationToken ct) =>
        account.Render(user, note, null, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Remove(
        string provider, IFormCollection form, CurrentUser user, Identities identities, ExternalAccount account, Actor by,
        CancellationToken ct) => await identities.Unlink(user.Id, provider, by, ct) is { } problem
            ? await account.Render(user, null, problem, ct)
            : TypedResults.LocalRedirect($"{Home}?note=removed");

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> ShowConfirm(
        CurrentUser user, IUsers users, ExternalAccount account, HttpContext http, CancellationToken ct) =>
        account.PendingOf(http) is var (pending, provider)
            ? await Ask(pending, provider, user, users, null, ct)
            : TypedResults.LocalRedirect(Home);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Confirm(
        IFormCollection form, CurrentUser user, IUsers users, ExternalAccount account, HttpContext http, CancellationToken ct)
    {
        if (account.PendingOf(http) is not var (pending, provider)) return TypedResults.LocalRedirect(Home);
        if (await account.Link(pending, user, http, ct) is { } problem) return await Ask(pending, provider, user, users, problem, ct);
        PendingLink.Forget(http);
        if (pending.App is not { } app) return SignInPages.GoTo(pending.Target);
        // Not a redirect: browsers let a form lead to pages of this server only.
        return Pages.Render<BackToAppPage>(new { Address = await account.AddressFor(app, user, ct), provider.Text });
    }

    private static RedirectHttpResult Refuse(IFormCollection form, KeyRing ring, TimeProvider time, HttpContext http)
    {
        var target = PendingLink.Read(http, ring, time)?.Target ?? "/";
        PendingLink.Forget(http);
        return SignInPages.GoTo(target);
    }

    private static async Task<RazorComponentResult> Ask(
        PendingLink pending, Provider provider, CurrentUser user, IUsers users, Problem? problem, CancellationToken ct)
    {
        var found = await users.Find(user.Id, ct) ?? throw new InvalidOperationException("A session has lost its owner.");
        return Pages.Render<LinkExternalPage>(
            new { Provider = provider.Text, Theirs = pending.Person.Email, Ours = found.Email, Problem = problem }, problem?.Status ?? 200);
    }
}

/// <summary>A person's account with regard to other sites, as its pages need it.</summary>
internal sealed class ExternalAccount(
    Providers providers, Identities identities, ExternalTravel travel, IUsers users, Database database, KeyRing ring, TimeProvider time)
{
    public (PendingLink Pending, Provider Provider)? PendingOf(HttpContext http) =>
        PendingLink.Read(http, ring, time) is { } pending && providers.Find(pending.Person.Provider) is { } provider
            ? (pending, provider)
            : null;

    /// <returns>As <see cref="Identities.Link"/>.</returns>
    public Task<Problem?> Link(PendingLink pending, CurrentUser user, HttpContext http, CancellationToken ct) =>
        database.Write(tx => identities.Link(tx, user.Id, pending.Person, Actor.Of(http)), ct);

    /// <summary>The app's address with a grant for this person.</summary>
    public async Task<string> AddressFor(AppReturn app, CurrentUser user, CancellationToken ct)
    {
        var found = await users.Find(user.Id, ct) ?? throw new InvalidOperationException("A session has lost its owner.");
        return AppGrant.AddressFor(found, app, ring, time);
    }

    public async Task<RazorComponentResult> Render(CurrentUser user, string? note, Problem? problem, CancellationToken ct) =>
        Pages.Render<ExternalPage>(new
        {
            Providers = await OwnIdentities.ViewsOf(user, providers, identities, ct),
            LinkToken = travel.LinkTokenFor(user),
            Done = note is "linked" or "removed",
            Problem = problem ?? ExternalNote.ProblemOf(note),
        }, problem?.Status ?? 200);
}

/// <summary>What a redirect leaves to say on the next page; anything else says nothing.</summary>
internal static class ExternalNote
{
    /// <summary>Whom the visitor is here is not known to the other site yet.</summary>
    public const string Link = "external-link";

    private static readonly Problem[] Problems =
    [
        Provider.Failed, ExternalTravel.Cancelled, ExternalFlow.Unknown, Identities.Taken, Identities.Another, Identities.EmailUnconfirmed,
        User.Locked, Sessions.Session.Overtaken,
    ];

    public static Problem? ProblemOf(string? note) => Problems.FirstOrDefault(problem => problem.Code == note);
}

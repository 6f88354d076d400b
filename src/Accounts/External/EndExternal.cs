using Kontor.Accounts.Factors;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.External;

/// <summary>A browser comes back from another site.</summary>
internal static class EndExternal
{
    public static void Map(RouteGroupBuilder pages) => pages.MapGet("/auth/external/{provider}/callback", Handle);

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Handle(
        string provider, [AsParameters] ExternalTravel.Answer answer, CurrentUser? user, ExternalTravel travel, Arrivals arrivals,
        HttpContext http, CancellationToken ct)
    {
        var (arrival, unknown) = await travel.Arrive(provider, answer, http, ct);
        if (unknown is not null) return unknown.ToResult();
        var (flow, person, problem) = arrival!;
        var next = flow switch
        {
            _ when problem is not null => Arrivals.Refuse(flow, problem),
            { LinkTo: not null } => await arrivals.Link(flow, person!, user, http, ct),
            _ => await arrivals.SignIn(flow, person!, user, http, ct),
        };
        // An app's address is one of those that are configured; all others are paths.
        return next.StartsWith('/') ? SignInPages.GoTo(next) : TypedResults.Redirect(next);
    }
}

/// <summary>Where a browser goes that has come back from another site.</summary>
internal sealed class Arrivals(
    ExternalSignIn signIn, Identities identities, PageSignIns signIns, IFactors factors, ISessions sessions, Database database,
    KeyRing ring, TimeProvider time)
{
    public const string LinkPage = "/account/external/confirm";

    public static string Refuse(ExternalFlow flow, Problem problem) => flow switch
    {
        { App: { } app } => AppGrant.AddressFor(problem, app),
        { LinkTo: not null } => $"/account/external?note={problem.Code}",
        _ => LoginPage(flow.Target, problem.Code),
    };

    public async Task<string> SignIn(ExternalFlow flow, ExternalPerson person, CurrentUser? user, HttpContext http, CancellationToken ct)
    {
        if (await signIn.Find(person, Texts.LanguageOf(http.Request), Actor.Of(http), ct) is not { } owner)
        {
            PendingLink.Keep(person, flow, http, ring, time);
            return $"/login?note=external-link&returnUrl={Uri.EscapeDataString(LinkPage)}";
        }

        if (flow.App is { } app) return AppGrant.AddressFor(owner, app, ring, time);
        if (flow.Again && user is not null && user.Id == owner.Id && !(await factors.Of(owner.Id, ct)).Any)
        {
            await sessions.Authenticate(user.SessionId, user.Id, [Authentication.External], ct);
            PageCookies.ForgetAccess(http);
            return flow.Target;
        }

        var (next, problem) = await signIns.Continue(owner, Authentication.External, flow.Target, http, ct);
        return problem is null ? next! : LoginPage(flow.Target, problem.Code);
    }

    public async Task<string> Link(ExternalFlow flow, ExternalPerson person, CurrentUser? user, HttpContext http, CancellationToken ct)
    {
        // Signed out meanwhile, or signed in as somebody else: then it is not known any more who wants it.
        if (user?.Id != flow.LinkTo) return Refuse(flow, ExternalFlow.Unknown);
        var problem = await database.Write(tx => identities.Link(tx, user!.Id, person, Actor.Of(http)), ct);
        return problem is null ? "/account/external?note=linked" : Refuse(flow, problem);
    }

    private static string LoginPage(string target, string note) => $"/login?note={note}&returnUrl={Uri.EscapeDataString(target)}";
}

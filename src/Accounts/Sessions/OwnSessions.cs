using Kontor.Accounts.SignIn;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Sessions;

/// <summary>A person sees where they are signed in, and ends what they do not know.</summary>
public static class OwnSessions
{
    /// <param name="Network">Where the sign-in came from, shortened; null when unknown.</param>
    /// <param name="Current">The session of the request itself.</param>
    public sealed record SessionView(
        string Id, string Device, string? Network, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, bool Current);

    public sealed record Response(IReadOnlyList<SessionView> Sessions);

    internal static void Map(RouteGroupBuilder auth)
    {
        auth.MapGet("/sessions", List).WithName("ListSessions").RequireAuthorization();
        auth.MapDelete("/sessions", EndOthers).WithName("EndOtherSessions").RequireAuthorization().EndsSessions();
        auth.MapDelete("/sessions/{id}", End).WithName("EndSession").RequireAuthorization().EndsSessions();
    }

    private static async Task<Ok<Response>> List(CurrentUser user, ISessions sessions, CancellationToken ct) =>
        TypedResults.Ok(new Response(await ViewsOf(user, sessions, ct)));

    private static async Task<Results<NoContent, ProblemHttpResult>> End(
        string id, CurrentUser user, ISessions sessions, CancellationToken ct) =>
        await sessions.End(id, user.Id, EndReason.EndedByOwner, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    /// <summary>All but the one that asks, also for somebody who has just changed a factor.</summary>
    private static async Task<NoContent> EndOthers(CurrentUser user, ISessions sessions, CancellationToken ct)
    {
        await sessions.EndAll(user.Id, EndReason.EndedByOwner, ct, except: user.SessionId);
        return TypedResults.NoContent();
    }

    internal static async Task<IReadOnlyList<SessionView>> ViewsOf(CurrentUser user, ISessions sessions, CancellationToken ct) =>
        [.. (await sessions.List(user.Id, ct)).Select(session => new SessionView(
            session.Id, session.Device, session.Network, session.CreatedAt.ToTime(), session.LastSeenAt.ToTime(),
            session.Id == user.SessionId))];
}

using Kontor.Accounts.Sessions;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Administration;

/// <summary>An admin sees where somebody is signed in, and ends one session or all.</summary>
public static class UserSessions
{
    /// <param name="Network">Where the sign-in came from, shortened; null when unknown.</param>
    public sealed record UserSession(string Id, string Device, string? Network, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt);

    public sealed record Response(IReadOnlyList<UserSession> Sessions);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapGet("/{id}/sessions", List).WithName("ListUserSessions");
        users.MapDelete("/{id}/sessions/{session}", End).WithName("EndUserSession");
        users.MapDelete("/{id}/sessions", EndAll).WithName("EndUserSessions");
    }

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> List(
        string id, IUsers users, ISessions sessions, CancellationToken ct) => await users.Find(id, ct) is null
            ? User.Unknown.ToResult()
            : TypedResults.Ok(new Response(await ViewsOf(id, sessions, ct)));

    private static async Task<Results<NoContent, ProblemHttpResult>> End(
        string id, string session, Actor by, SignOuts signOuts, CancellationToken ct) =>
        await signOuts.One(id, session, by, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAll(
        string id, Actor by, SignOuts signOuts, CancellationToken ct) =>
        await signOuts.All(id, by, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    internal static async Task<IReadOnlyList<UserSession>> ViewsOf(string id, ISessions sessions, CancellationToken ct) =>
        [.. (await sessions.List(id, ct)).Select(session => new UserSession(
            session.Id, session.Device, session.Network, session.CreatedAt.ToTime(), session.LastSeenAt.ToTime()))];
}

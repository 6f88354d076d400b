using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Data;
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
        string id, string session, Actor by, ISessions sessions, Audit audit, Database database, CancellationToken ct) =>
        await EndOne(id, session, by, sessions, audit, database, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    private static async Task<Results<NoContent, ProblemHttpResult>> EndAll(
        string id, Actor by, ISessions sessions, Audit audit, Database database, CancellationToken ct) =>
        await EndEvery(id, by, sessions, audit, database, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    internal static async Task<IReadOnlyList<UserSession>> ViewsOf(string id, ISessions sessions, CancellationToken ct) =>
        [.. (await sessions.List(id, ct)).Select(session => new UserSession(
            session.Id, session.Device, session.Network, session.CreatedAt.ToTime(), session.LastSeenAt.ToTime()))];

    /// <returns>Null, or <see cref="Session.Unknown"/> or <see cref="Rights.NoAdmin"/>.</returns>
    internal static Task<Problem?> EndOne(
        string id, string session, Actor by, ISessions sessions, Audit audit, Database database, CancellationToken ct) =>
        database.Write<Problem?>(async tx =>
        {
            if (await Rights.CheckAdmin(tx, by) is { } refusal) return refusal;
            var (wasAlive, problem) = await sessions.End(tx, session, id, EndReason.EndedByAdmin);
            if (wasAlive) await audit.Record(tx, by, AuditAction.SessionEnded, id, new { session });
            return problem;
        }, ct);

    /// <returns>Null, or <see cref="User.Unknown"/> or <see cref="Rights.NoAdmin"/>.</returns>
    internal static Task<Problem?> EndEvery(
        string id, Actor by, ISessions sessions, Audit audit, Database database, CancellationToken ct) =>
        database.Write<Problem?>(async tx =>
        {
            if (await Rights.CheckAdmin(tx, by) is { } refusal) return refusal;
            if (await tx.First<long>("SELECT COUNT(*) FROM accounts_users WHERE id = @id", new { id }) == 0) return User.Unknown;
            await sessions.EndAll(tx, id, EndReason.EndedByAdmin);
            await audit.Record(tx, by, AuditAction.SessionsEnded, id);
            return null;
        }, ct);
}

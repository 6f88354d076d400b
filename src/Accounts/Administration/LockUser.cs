using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Administration;

/// <summary>An admin keeps somebody from signing in, and ends all their sessions; or lets them in again.</summary>
public static class LockUser
{
    /// <param name="Reason">For the audit trail and other admins; the person does not see it.</param>
    public sealed record Request(string? Reason = null);

    internal static void Map(RouteGroupBuilder users)
    {
        users.MapPost("/{id}/lock", Lock).WithName("LockUser");
        users.MapPost("/{id}/unlock", Unlock).WithName("UnlockUser");
    }

    private static async Task<Results<Ok<Account>, ProblemHttpResult>> Lock(
        string id, Request request, Actor by, Rights rights, Database database, PeopleSearch search, CancellationToken ct)
    {
        var problem = Rights.CheckReason(request.Reason)
            ?? await database.Write(tx => rights.Lock(tx, id, request.Reason!.Trim(), by), ct);
        return problem is null ? await ShowUser.Answer(id, search, ct) : problem.ToResult();
    }

    private static async Task<Results<Ok<Account>, ProblemHttpResult>> Unlock(
        string id, Actor by, Rights rights, Database database, PeopleSearch search, CancellationToken ct) =>
        await database.Write(tx => rights.Unlock(tx, id, by), ct) is { } problem
            ? problem.ToResult()
            : await ShowUser.Answer(id, search, ct);
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Administration;

/// <summary>An admin gives somebody a role, or takes it. Each alone, so that two admins do not undo each other's.</summary>
public static class ChangeRoles
{
    internal static void Map(RouteGroupBuilder users)
    {
        users.MapPut("/{id}/roles/{role}", Grant).WithName("GrantRole");
        users.MapDelete("/{id}/roles/{role}", Take).WithName("TakeRole");
    }

    private static async Task<Results<Ok<Account>, ProblemHttpResult>> Grant(
        string id, string role, Actor by, Rights rights, Database database, PeopleSearch search, CancellationToken ct) =>
        await database.Write(tx => rights.Grant(tx, id, role, by), ct) is { } problem
            ? problem.ToResult()
            : await ShowUser.Answer(id, search, ct);

    private static async Task<Results<Ok<Account>, ProblemHttpResult>> Take(
        string id, string role, Actor by, Rights rights, Database database, PeopleSearch search, CancellationToken ct) =>
        await database.Write(tx => rights.Take(tx, id, role, by), ct) is { } problem
            ? problem.ToResult()
            : await ShowUser.Answer(id, search, ct);
}

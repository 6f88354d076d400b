using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Administration;

/// <summary>One account, with its roles and whether it is locked.</summary>
public static class ShowUser
{
    internal static void Map(RouteGroupBuilder users) => users.MapGet("/{id}", Handle).WithName("ShowUser");

    private static Task<Results<Ok<Account>, ProblemHttpResult>> Handle(string id, PeopleSearch search, CancellationToken ct) =>
        Answer(id, search, ct);

    /// <summary>Also after each change: what is true then.</summary>
    internal static async Task<Results<Ok<Account>, ProblemHttpResult>> Answer(string id, PeopleSearch search, CancellationToken ct) =>
        await search.Find(id, ct) is { } account ? TypedResults.Ok(account) : User.Unknown.ToResult();
}

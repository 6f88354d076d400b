using Kontor.Accounts.Passwords;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Administration;

/// <summary>
/// An admin has a letter sent to somebody, with a link to choose a new password. The admin never sees the link, and cannot choose.
/// </summary>
public static class SendReset
{
    internal static void Map(RouteGroupBuilder users) => users.MapPost("/{id}/password-reset", Handle).WithName("SendPasswordReset");

    private static async Task<Results<Accepted, ProblemHttpResult>> Handle(
        string id, Actor by, OwnPassword password, CancellationToken ct) =>
        await password.SendReset(id, by, ct) is { } problem ? problem.ToResult() : TypedResults.Accepted((string?)null);
}

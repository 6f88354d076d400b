using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.SignIn;

/// <summary>A person who is signed in signs in once more in the same session, for what wants a fresh sign-in.</summary>
public static class StepUp
{
    public sealed record Request([property: MaxLength(1024)] string Password);

    internal static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/step-up", Handle).WithName("StepUp").RequireAuthorization();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, CurrentUser user, IUsers users, Credentials credentials, ISessions sessions, HttpContext http,
        CancellationToken ct) =>
        await Confirm(request, user, users, credentials, sessions, http, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    /// <returns>Null when it is done; else as <see cref="Credentials.Check"/>, or <see cref="Session.Unknown"/>.</returns>
    internal static async Task<Problem?> Confirm(
        Request request, CurrentUser user, IUsers users, Credentials credentials, ISessions sessions, HttpContext http,
        CancellationToken ct)
    {
        if (await users.Find(user.Id, ct) is not { } found) return User.Unknown;
        var (_, problem) = await credentials.Check(found.Email, request.Password, http, ct);
        return problem ?? await sessions.Authenticate(user.SessionId, user.Id, [Authentication.Password], ct);
    }
}

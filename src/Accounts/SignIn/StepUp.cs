using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Factors;
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
    /// <param name="Password">Once more.</param>
    /// <param name="Code">As for signing in: of the authenticator app, or a recovery code.</param>
    public sealed record Request(
        [property: MaxLength(1024)] string Password, [property: MaxLength(SecondFactor.CodeLengthMax)] string? Code = null);

    internal static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/step-up", Handle).WithName("StepUp").RequireAuthorization();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, CurrentUser user, SignInsAgain again, HttpContext http, CancellationToken ct) =>
        await again.Confirm(user, request.Password, request.Code, http, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();
}

/// <summary>Proves once more, in a session, who its owner is: by whatever signing in takes.</summary>
internal sealed class SignInsAgain(IUsers users, Credentials credentials, SecondFactor second, ISessions sessions)
{
    /// <returns>Null when it is done; else as <see cref="Credentials.CheckAgain"/> and <see cref="SecondFactor.Check"/>, or
    /// <see cref="Session.Unknown"/> when the session has ended.</returns>
    public async Task<Problem?> Confirm(CurrentUser user, string password, string? code, HttpContext http, CancellationToken ct)
    {
        if (await users.Find(user.Id, ct) is not { } found) return User.Unknown;
        var problem = await credentials.CheckAgain(found, user.SessionId, password, http, ct);
        if (problem is not null) return problem;
        (var methods, problem) = await second.Check(found, code, Actor.Of(http), ct);
        return problem ?? await sessions.Authenticate(user.SessionId, user.Id, methods!, ct);
    }
}

using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Keys;
using Kontor.Accounts.Sessions;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.SignIn;

/// <summary>A client replaces its tokens. One that got no answer asks again with the same `attempt` and gets the same refresh
/// token.</summary>
public static class Refresh
{
    /// <param name="RefreshToken">The newest that the client has.</param>
    /// <param name="Attempt">A random text that the client stored before it asked.</param>
    public sealed record Request(string RefreshToken, [property: StringLength(200, MinimumLength = 1)] string? Attempt = null);

    internal static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/refresh", Handle).WithName("Refresh").WithoutSignIn().LimitedPerSession();

    private static async Task<Results<Ok<TokensView>, ProblemHttpResult>> Handle(
        Request request, SignIns signIns, KeyRing ring, HttpContext http, CancellationToken ct)
    {
        if (http.CountForSession(RefreshToken.Read(request.RefreshToken, ring)?.Session) is { } tooMany) return tooMany.ToResult();
        var (tokens, problem) = await signIns.Refresh(request.RefreshToken, request.Attempt, ct);
        return problem is null ? TypedResults.Ok(tokens!) : problem.ToResult();
    }
}

using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Sessions;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.SignIn;

/// <summary>A person signs in with address and password. Whoever does not know both learns nothing about either.</summary>
public static class Login
{
    public sealed record Request(
        [property: MaxLength(1024)] string Email,
        [property: MaxLength(1024)] string Password);

    internal static void Map(RouteGroupBuilder auth) => auth.MapPost("/login", Handle).WithName("Login").WithoutSignIn();

    private static async Task<Results<Ok<TokensView>, ProblemHttpResult>> Handle(
        Request request, Credentials credentials, SignIns signIns, HttpContext http, CancellationToken ct)
    {
        var (user, problem) = await credentials.Check(request.Email, request.Password, http, ct);
        if (problem is not null) return problem.ToResult();
        (var tokens, problem) = await signIns.Open(user!, Device.Of(http.Request), ct);
        return problem is null ? TypedResults.Ok(tokens!) : problem.ToResult();
    }
}

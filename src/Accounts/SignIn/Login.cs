using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Factors;
using Kontor.Accounts.Sessions;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.SignIn;

/// <summary>
/// A person signs in with address and password, and with a code where they have a second factor. Whoever does not know address and
/// password learns nothing about either, nor whether a code would be asked for.
/// </summary>
public static class Login
{
    /// <param name="Email">In any case.</param>
    /// <param name="Password">As typed.</param>
    /// <param name="Code">Of the authenticator app, or a recovery code; wanted after `mfa-required`.</param>
    public sealed record Request(
        [property: MaxLength(1024)] string Email,
        [property: MaxLength(1024)] string Password,
        [property: MaxLength(SecondFactor.CodeLengthMax)] string? Code = null);

    internal static void Map(RouteGroupBuilder auth) => auth.MapPost("/login", Handle).WithName("Login").WithoutSignIn();

    private static async Task<Results<Ok<TokensView>, ProblemHttpResult>> Handle(
        Request request, Credentials credentials, SecondFactor second, SignIns signIns, HttpContext http, CancellationToken ct)
    {
        var (user, problem) = await credentials.Check(request.Email, request.Password, http, ct);
        if (problem is not null) return problem.ToResult();
        (var methods, problem) = await second.Check(user!, request.Code, Actor.Of(http).As(user!.Id), ct);
        if (problem is not null) return problem.ToResult();
        (var tokens, problem) = await signIns.Open(user, Device.Of(http.Request), methods!, ct);
        return problem is null ? TypedResults.Ok(tokens!) : problem.ToResult();
    }
}

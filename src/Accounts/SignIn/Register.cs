using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Sessions;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.SignIn;

/// <summary>
/// A person opens an account, becomes a customer, and is signed in; or, where addresses have to be confirmed first, gets a letter, with the
/// same answer for an address that has an account.
/// </summary>
public static class Register
{
    public sealed record Request(
        [property: MaxLength(1024)] string Email,
        [property: MaxLength(1024)] string Password,
        [property: MaxLength(1024)] string? Name = null);

    internal static void Map(RouteGroupBuilder auth) => auth.MapPost("/register", Handle).WithName("Register").WithoutSignIn();

    private static async Task<Results<Created<TokensView>, Accepted, ProblemHttpResult>> Handle(
        Request request, NewAccounts accounts, SignIns signIns, HttpContext http, CancellationToken ct)
    {
        var (user, problem) = await accounts.Create(request.Email, request.Password, request.Name, http, ct);
        if (problem is not null) return problem.ToResult();
        if (user is null) return TypedResults.Accepted((string?)null);
        (var tokens, problem) = await signIns.Open(user, Device.Of(http.Request), [Authentication.Password], ct);
        return problem is null ? TypedResults.Created("/users/me", tokens!) : problem.ToResult();
    }
}

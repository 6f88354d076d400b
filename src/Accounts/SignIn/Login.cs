using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Passwords;
using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.SignIn;

/// <summary>A person signs in with address and password. Whoever does not know both learns nothing about either.</summary>
public static class Login
{
    public static readonly Problem InvalidCredentials = new(401, "invalid-credentials", "E-mail address or password is wrong.");

    public sealed record Request(
        [property: MaxLength(1024)] string Email,
        [property: MaxLength(1024)] string Password);

    internal static void Map(RouteGroupBuilder auth) => auth.MapPost("/login", Handle).WithName("Login").WithoutSignIn();

    private static async Task<Results<Ok<TokensView>, ProblemHttpResult>> Handle(
        Request request, IUsers users, PasswordHasher passwords, SignIns signIns, HttpContext http, CancellationToken ct)
    {
        var (user, problem) = await Check(request, users, passwords, ct);
        if (problem is not null) return problem.ToResult();
        (var tokens, problem) = await signIns.Open(user!, Device.Of(http.Request), ct);
        return problem is null ? TypedResults.Ok(tokens!) : problem.ToResult();
    }

    /// <returns>Or <see cref="InvalidCredentials"/> or <see cref="HashingGate.TooBusy"/>.</returns>
    internal static async Task<Outcome<User>> Check(Request request, IUsers users, PasswordHasher passwords, CancellationToken ct)
    {
        // What is no address at all is looked for under a key that nobody has, so that it takes as long as any other.
        var email = EmailAddress.Parse(request.Email) ?? new EmailAddress("", "");
        var found = await users.FindByEmail(email, ct);
        var (isRight, tooBusy) = await passwords.Verify(request.Password, found?.Password, ct);
        if (tooBusy is not null) return tooBusy;
        return isRight ? found!.Value.User : InvalidCredentials;
    }
}

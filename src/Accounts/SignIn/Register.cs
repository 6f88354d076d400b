using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Passwords;
using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.SignIn;

/// <summary>A person opens an account, becomes a customer, and is signed in.</summary>
public static class Register
{
    public sealed record Request(
        [property: MaxLength(EmailAddress.LengthMax)] string Email,
        [property: MaxLength(1024)] string Password,
        [property: MaxLength(1024)] string? Name = null);

    internal static void Map(RouteGroupBuilder auth) => auth.MapPost("/register", Handle).WithName("Register").WithoutSignIn();

    private static async Task<Results<Created<TokensView>, ProblemHttpResult>> Handle(
        Request request, IUsers users, PasswordHasher passwords, SignIns signIns, TimeProvider time, HttpContext http, CancellationToken ct)
    {
        var (user, problem) = await Create(request, users, passwords, time, ct);
        if (problem is not null) return problem.ToResult();
        return TypedResults.Created("/users/me", await signIns.Open(user!, Device.Of(http.Request), ct));
    }

    /// <returns>Or what is wrong with each field, <see cref="User.EmailTaken"/>, or <see cref="HashingGate.TooBusy"/>.</returns>
    internal static async Task<Outcome<User>> Create(
        Request request, IUsers users, PasswordHasher passwords, TimeProvider time, CancellationToken ct)
    {
        var errors = new FieldErrors();
        var email = EmailAddress.Parse(request.Email);
        var (name, nameError) = PersonName.Read(request.Name);
        errors.Add("email", email is null ? "This is not an e-mail address." : null);
        errors.Add("password", PasswordRules.Check(request.Password, email, name));
        errors.Add("name", nameError);
        if (errors.ToProblem() is { } invalid) return invalid;

        // Hashed before anybody looks whether the address is taken, so that the time says nothing about it.
        var (password, tooBusy) = await passwords.Hash(request.Password, ct);
        if (tooBusy is not null) return tooBusy;
        return await users.Register(new(Ids.New(time), email!, name, password!, [RoleNames.Customer]), ct);
    }
}

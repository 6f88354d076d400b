using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Passwords;

/// <summary>Somebody forgot a password. The answer and its time are the same whether or not the address has an account.</summary>
public static class ForgotPassword
{
    public sealed record Request([property: MaxLength(1024)] string Email);

    internal static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/password/forgot", Handle).WithName("ForgotPassword").WithoutSignIn();

    private static async Task<Accepted> Handle(Request request, OwnPassword password, CancellationToken ct)
    {
        await password.AskReset(request.Email, ct);
        return TypedResults.Accepted((string?)null);
    }
}

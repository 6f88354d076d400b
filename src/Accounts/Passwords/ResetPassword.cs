using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Passwords;

/// <summary>Whoever has the letter chooses a new password; all sessions end.</summary>
public static class ResetPassword
{
    /// <param name="Token">From the letter's link.</param>
    public sealed record Request([property: MaxLength(200)] string Token, [property: MaxLength(1024)] string NewPassword);

    internal static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/password/reset", Handle).WithName("ResetPassword").WithoutSignIn();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, OwnPassword password, HttpContext http, CancellationToken ct) =>
        await password.Reset(request.Token, request.NewPassword, http, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();
}

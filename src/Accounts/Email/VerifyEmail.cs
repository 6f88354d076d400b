using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Email;

/// <summary>Whoever has the letter confirms an address: of an account, of one that changes its address, or of a new one.</summary>
public static class VerifyEmail
{
    /// <param name="Token">From the letter's link.</param>
    public sealed record Request([property: MaxLength(200)] string Token);

    internal static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/email/verify", Handle).WithName("VerifyEmail").WithoutSignIn();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, OwnEmail email, HttpContext http, CancellationToken ct) =>
        await email.Confirm(request.Token, Actor.Of(http), ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();
}

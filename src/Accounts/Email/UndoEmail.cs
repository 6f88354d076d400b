using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Email;

/// <summary>
/// The owner of the address that an account had before takes the account back: the address returns, everybody is signed out, what was added
/// lately lets nobody in, and a letter leads to a new password.
/// </summary>
public static class UndoEmail
{
    /// <param name="Token">From the letter's link.</param>
    public sealed record Request([property: MaxLength(200)] string Token);

    internal static void Map(RouteGroupBuilder auth) => auth.MapPost("/email/undo", Handle).WithName("UndoEmail").WithoutSignIn();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, Recovery recovery, HttpContext http, CancellationToken ct) =>
        await recovery.Run(request.Token, Actor.Of(http), ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();
}

using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.SignIn;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Passwords;

/// <summary>A person changes their password; their other sessions end.</summary>
public static class ChangePassword
{
    public sealed record Request(
        [property: MaxLength(1024)] string CurrentPassword,
        [property: MaxLength(1024)] string NewPassword);

    internal static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/password", Handle).WithName("ChangePassword").RequireAuthorization().WithFreshSignIn();

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        Request request, CurrentUser user, OwnPassword password, Credentials credentials, HttpContext http, CancellationToken ct) =>
        await password.Change(user, request.CurrentPassword, request.NewPassword, credentials, http, ct) is { } problem
            ? problem.ToResult()
            : TypedResults.NoContent();
}

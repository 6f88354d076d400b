using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Email;

/// <summary>
/// A person wants another address. A letter goes there, and the account has it once that is confirmed; the old address is told then, and
/// has a way back. Whether the address has an account is not answered.
/// </summary>
public static class ChangeEmail
{
    public sealed record Request([property: MaxLength(1024)] string Email);

    internal static void Map(RouteGroupBuilder auth) =>
        auth.MapPost("/email", Handle).WithName("ChangeEmail").RequireAuthorization().WithFreshSignIn();

    private static async Task<Results<Accepted, ProblemHttpResult>> Handle(
        Request request, CurrentUser user, OwnEmail email, CancellationToken ct) =>
        await Ask(request.Email, user, email, ct) is { } problem ? problem.ToResult() : TypedResults.Accepted((string?)null);

    internal static async Task<Problem?> Ask(string text, CurrentUser user, OwnEmail email, CancellationToken ct)
    {
        var address = EmailAddress.Parse(text);
        var errors = new FieldErrors();
        errors.Add("email", address is null ? "This is not an e-mail address." : null);
        if (errors.ToProblem() is { } invalid) return invalid;
        await email.AskChange(user.Id, address!, ct);
        return null;
    }
}

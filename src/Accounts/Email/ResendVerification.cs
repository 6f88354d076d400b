using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Email;

/// <summary>
/// One more letter to confirm an address: one's own for whoever is signed in, any for whoever is not. The answer is always the same.
/// </summary>
public static class ResendVerification
{
    /// <param name="Email">Needed where nobody is signed in.</param>
    public sealed record Request([property: MaxLength(1024)] string? Email = null);

    internal static void Map(RouteGroupBuilder auth) => auth.MapPost("/email/resend", Handle).WithName("ResendVerification");

    private static async Task<Results<Accepted, ProblemHttpResult>> Handle(
        Request? request, CurrentUser? user, OwnEmail email, CancellationToken ct)
    {
        if (user is not null) await email.AskAgain(user.Id, ct);
        else if (request?.Email is not { } text) return Missing().ToResult();
        else if (EmailAddress.Parse(text) is { } address) await email.AskAgain(address, ct);
        return TypedResults.Accepted((string?)null);
    }

    private static Problem Missing()
    {
        var errors = new FieldErrors();
        errors.Add("email", "This value is missing.");
        return errors.ToProblem()!;
    }
}

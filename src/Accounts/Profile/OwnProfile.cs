using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Factors;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Profile;

/// <summary>A person sees their account, and changes what they are called.</summary>
public static class OwnProfile
{
    /// <param name="Name">What is left out stays as it is.</param>
    /// <param name="Language">In which letters are written: `en` or `de`.</param>
    public sealed record Request(
        [property: MaxLength(1024)] string? Name = null,
        [property: AllowedValues(null, "en", "de")] string? Language = null);

    /// <param name="Language">In which letters are written.</param>
    /// <param name="Mfa">Whether signing in takes a second factor.</param>
    public sealed record Response(
        string Id, string Email, string Name, IReadOnlyList<string> Roles, bool EmailVerified, string Language, bool Mfa,
        DateTimeOffset CreatedAt);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var me = routes.MapGroup("/users/me").WithTags("Accounts").RequireAuthorization();
        me.MapGet("", Show).WithName("ShowProfile");
        me.MapPatch("", Change).WithName("ChangeProfile");
    }

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Show(
        CurrentUser user, IUsers users, IFactors factors, CancellationToken ct) =>
        await users.Find(user.Id, ct) is { } found
            ? TypedResults.Ok(View(found, await factors.Of(user.Id, ct)))
            : User.Unknown.ToResult();

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Change(
        Request request, CurrentUser user, IUsers users, IFactors factors, CancellationToken ct)
    {
        var problem = request.Name is null ? null : (await Rename(user.Id, request.Name, users, ct)).Problem;
        if (problem is null && request.Language is not null) problem = (await users.Speak(user.Id, request.Language, ct)).Problem;
        return problem is null ? await Show(user, users, factors, ct) : problem.ToResult();
    }

    internal static async Task<Outcome<User>> Rename(string id, string text, IUsers users, CancellationToken ct)
    {
        var (name, error) = PersonName.Read(text);
        var errors = new FieldErrors();
        errors.Add("name", error);
        return errors.ToProblem() is { } invalid ? invalid : await users.Rename(id, name, ct);
    }

    private static Response View(User user, OwnFactors factors) => new(
        user.Id, user.Email, user.Name, user.Roles, user.EmailVerified, user.Language, factors.Any, user.CreatedAt.ToTime());
}

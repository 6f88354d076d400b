using System.ComponentModel.DataAnnotations;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Passkeys;

/// <summary>A person sees their passkeys, renames one, and removes one that is lost.</summary>
public static class OwnPasskeys
{
    /// <param name="IsBackedUp">Whether it is on several devices, so that losing one does not lose it.</param>
    /// <param name="LastUsedAt">Null before its first sign-in.</param>
    public sealed record PasskeyView(string Id, string Name, bool IsBackedUp, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

    public sealed record Response(IReadOnlyList<PasskeyView> Passkeys);

    /// <param name="Name">1 to 60 characters.</param>
    public sealed record RenameRequest([property: MaxLength(1024)] string Name);

    internal static void Map(RouteGroupBuilder passkeys)
    {
        passkeys.MapGet("", List).WithName("ListPasskeys").RequireAuthorization();
        passkeys.MapPatch("/{id}", Rename).WithName("RenamePasskey").RequireAuthorization();
        passkeys.MapDelete("/{id}", Remove).WithName("RemovePasskey").RequireAuthorization().WithFreshSignIn();
    }

    private static async Task<Ok<Response>> List(CurrentUser user, IPasskeys passkeys, CancellationToken ct) =>
        TypedResults.Ok(new Response(await ViewsOf(user, passkeys, ct)));

    private static async Task<Results<Ok<PasskeyView>, ProblemHttpResult>> Rename(
        string id, RenameRequest request, CurrentUser user, IPasskeys passkeys, HttpContext http, CancellationToken ct)
    {
        var (renamed, problem) = await RenameTo(id, request.Name, user, passkeys, http, ct);
        return problem is null ? TypedResults.Ok(ViewOf(renamed!)) : problem.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(
        string id, CurrentUser user, IPasskeys passkeys, Actor by, CancellationToken ct) =>
        await passkeys.Remove(id, user.Id, by, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    internal static async Task<Outcome<Passkey>> RenameTo(
        string id, string text, CurrentUser user, IPasskeys passkeys, HttpContext http, CancellationToken ct)
    {
        var (name, invalid) = PasskeyName.Read(text, Device.Of(http.Request).Name);
        return invalid is not null ? invalid : await passkeys.Rename(id, user.Id, name, ct);
    }

    internal static async Task<IReadOnlyList<PasskeyView>> ViewsOf(CurrentUser user, IPasskeys passkeys, CancellationToken ct) =>
        [.. (await passkeys.List(user.Id, ct)).Select(ViewOf)];

    internal static PasskeyView ViewOf(Passkey passkey) => new(
        passkey.Id, passkey.Name, passkey.IsBackedUp, passkey.CreatedAt.ToTime(), passkey.LastUsedAt?.ToTime());
}

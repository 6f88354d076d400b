using Kontor.Accounts.SignIn;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.External;

/// <summary>The sites that people can sign in with, and which of them the caller has linked; a person removes one.</summary>
public static class OwnIdentities
{
    /// <param name="Linked">Null for strangers, and when the caller has not linked it.</param>
    public sealed record ExternalProvider(string Provider, string Name, LinkedIdentity? Linked);

    /// <param name="Email">What the site called the person's address then; null when it did not say.</param>
    public sealed record LinkedIdentity(string? Email, DateTimeOffset Since);

    public sealed record Response(IReadOnlyList<ExternalProvider> Providers);

    internal static void Map(RouteGroupBuilder external)
    {
        external.MapGet("", List).WithName("ListExternalProviders");
        external.MapDelete("/{provider}", Unlink).WithName("UnlinkExternalProvider").RequireAuthorization().WithFreshSignIn();
    }

    private static async Task<Ok<Response>> List(CurrentUser? user, Providers providers, Identities identities, CancellationToken ct) =>
        TypedResults.Ok(new Response(await ViewsOf(user, providers, identities, ct)));

    private static async Task<Results<NoContent, ProblemHttpResult>> Unlink(
        string provider, CurrentUser user, Identities identities, Actor by, CancellationToken ct) =>
        await identities.Unlink(user.Id, provider, by, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    internal static async Task<IReadOnlyList<ExternalProvider>> ViewsOf(
        CurrentUser? user, Providers providers, Identities identities, CancellationToken ct)
    {
        var own = user is null ? [] : await identities.Of(user.Id, ct);
        // One that was linked before its site went out of use here can still be removed.
        var gone = own.Select(identity => identity.Provider).Where(name => providers.Find(name) is null);
        return
        [
            .. providers.All.Select(provider => provider.Name).Concat(gone).Select(name => new ExternalProvider(
                name, providers.Find(name)?.Text ?? name, LinkedOf(own.Find(identity => identity.Provider == name)))),
        ];
    }

    private static LinkedIdentity? LinkedOf(Identity? identity) =>
        identity is null ? null : new(identity.Email, identity.LinkedAt.ToTime());
}

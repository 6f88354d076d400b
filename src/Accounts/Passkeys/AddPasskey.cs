using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Accounts.Factors;
using Kontor.Accounts.Sessions;
using Kontor.Accounts.SignIn;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Accounts.Passkeys;

/// <summary>A person adds a passkey. With their first factor they get recovery codes.</summary>
public static class AddPasskey
{
    /// <param name="State">From the offer that is answered.</param>
    /// <param name="Credential">What `navigator.credentials.create` gave, in the JSON form of WebAuthn Level 3.</param>
    /// <param name="Name">What to call it, up to 60 characters; the device's name when left out.</param>
    public sealed record Request(
        [property: MaxLength(PasskeyChallenge.LengthMax)] string State, JsonElement Credential,
        [property: MaxLength(1024)] string? Name = null);

    /// <param name="RecoveryCodes">Ten, each for one sign-in, shown this once; none when there was a factor before.</param>
    public sealed record Response(OwnPasskeys.PasskeyView Passkey, IReadOnlyList<string> RecoveryCodes);

    internal static void Map(RouteGroupBuilder passkeys)
    {
        passkeys.MapPost("/options", Offer).WithName("OfferPasskey").RequireAuthorization().WithFreshSignIn();
        passkeys.MapPost("", Handle).WithName("AddPasskey").RequireAuthorization().WithFreshSignIn();
    }

    private static async Task<Results<Ok<PasskeyOffer>, ProblemHttpResult>> Offer(
        CurrentUser user, IUsers users, PasskeyCeremonies ceremonies, HttpContext http, CancellationToken ct) =>
        await users.Find(user.Id, ct) is { } found
            ? TypedResults.Ok(await ceremonies.OfferToAdd(found, user.SessionId, http))
            : User.Unknown.ToResult();

    private static async Task<Results<Created<Response>, ProblemHttpResult>> Handle(
        Request request, CurrentUser user, NewPasskeys fresh, HttpContext http, CancellationToken ct)
    {
        var (added, problem) = await fresh.Add(user, request.State, request.Credential.GetRawText(), request.Name, http, ct);
        return problem is null
            ? TypedResults.Created("/auth/passkeys", new Response(OwnPasskeys.ViewOf(added!.Passkey), added.RecoveryCodes))
            : problem.ToResult();
    }
}

internal sealed record AddedPasskey(Passkey Passkey, IReadOnlyList<string> RecoveryCodes);

/// <summary>Adds passkeys, for the API and for pages.</summary>
internal sealed class NewPasskeys(PasskeyCeremonies ceremonies, IPasskeys passkeys, RecoveryCodes recovery, ISessions sessions)
{
    /// <returns>Or what is wrong with the name, or as <see cref="PasskeyCeremonies.Check"/> and <see cref="IPasskeys.Add"/>.</returns>
    public async Task<Outcome<AddedPasskey>> Add(
        CurrentUser user, string state, string credential, string? nameText, HttpContext http, CancellationToken ct)
    {
        var (name, invalid) = PasskeyName.Read(nameText, Device.Of(http.Request).Name);
        if (invalid is not null) return invalid;
        if (ceremonies.Read(state, PasskeyPurpose.Add, user.Id, user.SessionId) is not { } challenge) return PasskeyChallenge.Over;
        var (passkey, problem) = await ceremonies.Check(challenge, credential, name, http);
        if (problem is not null) return problem;
        var (codes, hashes) = recovery.Make(user.Id);
        (var isFirst, problem) = await passkeys.Add(passkey!, challenge, hashes, Actor.Of(http), ct);
        if (problem is not null) return problem;
        // The session in which it was added has shown it, and need not show it again.
        await sessions.Authenticate(user.SessionId, user.Id, PasskeySignIn.Methods, ct);
        return new AddedPasskey(passkey!, isFirst ? codes : []);
    }
}

internal static class PasskeyName
{
    /// <returns>The trimmed name, or the device's when there is none; or what is wrong with it.</returns>
    public static (string Name, Problem? Problem) Read(string? text, string device)
    {
        var (name, error) = PersonName.Read(text);
        if (error is null && name.Length > Passkey.NameLengthMax) error = "A name has at most 60 characters.";
        var errors = new FieldErrors();
        errors.Add("name", error);
        return (name.Length > 0 ? name : device, errors.ToProblem());
    }
}

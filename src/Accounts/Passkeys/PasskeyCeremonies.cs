using System.Buffers.Text;
using System.Text.Json;
using Kontor.Accounts.Keys;
using Kontor.Foundation;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Accounts.Passkeys;

/// <param name="State">To be sent back with the answer.</param>
/// <param name="PublicKey">What the browser's `navigator.credentials` takes, in the JSON form of WebAuthn Level 3.</param>
public sealed record PasskeyOffer(string State, JsonElement PublicKey);

/// <summary>
/// The two ceremonies of WebAuthn, by the framework's handler: adding a passkey and signing with one. Its challenges are sealed, for one
/// use, and bound to who asked. The device always verifies who holds it, so a passkey is two factors: the device, and a finger or a PIN.
/// </summary>
internal sealed partial class PasskeyCeremonies(
    IUsers users, IPasskeys passkeys, PasskeySite site, KeyRing ring, TimeProvider time, IServiceProvider services,
    ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger<PasskeyCeremonies>();

    public async Task<PasskeyOffer> OfferToAdd(User user, string sessionId, HttpContext http)
    {
        var entity = new PasskeyUserEntity { Id = user.Id, Name = user.Email, DisplayName = user.Name is "" ? user.Email : user.Name };
        var made = await Handler().MakeCreationOptionsAsync(entity, http);
        return Offer(PasskeyPurpose.Add, user.Id, sessionId, made.AttestationState, made.CreationOptionsJson);
    }

    /// <param name="purpose">What it is for.</param>
    /// <param name="user">Whose passkeys the browser is to offer; null for those that it knows itself.</param>
    /// <param name="sessionId">Of whoever asks; null for a stranger.</param>
    /// <param name="http">The request.</param>
    public async Task<PasskeyOffer> OfferToSign(PasskeyPurpose purpose, User? user, string? sessionId, HttpContext http)
    {
        var made = await Handler().MakeRequestOptionsAsync(user, http);
        return Offer(purpose, user?.Id, sessionId, made.AssertionState, made.RequestOptionsJson);
    }

    /// <summary>What a challenge was, when it was given for this, to this person in this session, and its time is not over.</summary>
    public PasskeyChallenge? Read(string state, PasskeyPurpose purpose, string? userId, string? sessionId) =>
        PasskeyChallenge.Read(state, ring, time.NowMs()) is { } challenge && challenge.Purpose == purpose
            && challenge.UserId == userId && challenge.SessionId == sessionId
            ? challenge
            : null;

    /// <returns>The new passkey, not stored yet; or <see cref="Passkey.Invalid"/>.</returns>
    public async Task<Outcome<Passkey>> Check(PasskeyChallenge challenge, string credential, string name, HttpContext http)
    {
        var result = await Handler().PerformAttestationAsync(
            new() { HttpContext = http, CredentialJson = credential, AttestationState = challenge.State });
        if (!result.Succeeded || !result.Passkey.IsUserVerified)
        {
            LogRefused(challenge.Purpose, result.Failure?.Message ?? "The device did not verify its holder.");
            return Passkey.Invalid;
        }

        var now = time.NowMs();
        return new Passkey(
            Ids.New(time), challenge.UserId!, Base64Url.EncodeToString(result.Passkey.CredentialId), name, result.Passkey.PublicKey,
            result.Passkey.SignCount, string.Join(' ', result.Passkey.Transports ?? []), result.Passkey.IsBackupEligible,
            result.Passkey.IsBackedUp, now, LastUsedAt: null);
    }

    /// <summary>Checks what a passkey has signed, and notes that it has.</summary>
    /// <returns>Whose it is. Or <see cref="Passkey.Refused"/>, or <see cref="PasskeyChallenge.Over"/>.</returns>
    public async Task<Outcome<User>> Sign(PasskeyChallenge challenge, string credential, HttpContext http, CancellationToken ct)
    {
        var result = await Handler().PerformAssertionAsync(
            new() { HttpContext = http, CredentialJson = credential, AssertionState = challenge.State });
        if (!result.Succeeded)
        {
            LogRefused(challenge.Purpose, result.Failure.Message);
            return Passkey.Refused;
        }

        if (await passkeys.FindByCredential(Base64Url.EncodeToString(result.Passkey.CredentialId), ct) is not { } passkey)
            return Passkey.Refused;
        var problem = await passkeys.Use(passkey, challenge, result.Passkey.SignCount, result.Passkey.IsBackedUp, ct);
        return problem is null ? result.User : problem;
    }

    private PasskeyOffer Offer(PasskeyPurpose purpose, string? userId, string? sessionId, string? state, string options)
    {
        var challenge = new PasskeyChallenge(
            Ids.New(time), purpose, userId, sessionId, state!, time.NowMs() + PasskeyChallenge.LifetimeMs);
        return new(challenge.Write(ring), JsonElement.Parse(options));
    }

    private PasskeyHandler<User> Handler()
    {
        var manager = new UserManager<User>(
            new PasskeyStore(users, passkeys), null!, null!, [], [], null!, null!, services, loggers.CreateLogger<UserManager<User>>());
        return new(manager, Options.Create(new IdentityPasskeyOptions
        {
            ServerDomain = site.Id,
            AuthenticatorTimeout = TimeSpan.FromMilliseconds(PasskeyChallenge.LifetimeMs),
            UserVerificationRequirement = "required",
            ResidentKeyRequirement = "required",
            AttestationConveyancePreference = "none",
            ValidateOrigin = context => new(!context.CrossOrigin && context.TopOrigin is null && site.Allows(context.Origin)),
        }));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "A passkey was refused ({Purpose}): {Reason}")]
    private partial void LogRefused(PasskeyPurpose purpose, string reason);
}

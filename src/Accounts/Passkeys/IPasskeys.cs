using Kontor.Accounts.Factors;
using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Accounts.Passkeys;

/// <summary>A key pair on somebody's device that signs in by itself, after the device has verified who holds it. Times are milliseconds
/// since 1970.</summary>
/// <param name="CredentialId">By which the authenticator knows it, in base64url.</param>
/// <param name="Name">As its owner calls it.</param>
/// <param name="PublicKey">A COSE key.</param>
/// <param name="SignCount">How often the authenticator has signed, as it says; 0 for one that does not count.</param>
/// <param name="Transports">How a browser may reach the authenticator, separated by spaces.</param>
/// <param name="IsBackedUp">Whether it is on several devices, so that losing one does not lose it.</param>
internal sealed record Passkey(
    string Id, string UserId, string CredentialId, string Name, byte[] PublicKey, long SignCount, string Transports,
    bool IsBackupEligible, bool IsBackedUp, long CreatedAt, long? LastUsedAt)
{
    public const int NameLengthMax = 60;

    /// <summary>Of one person.</summary>
    public const int CountMax = 20;

    public static readonly Problem Refused = new(401, "passkey-refused", "The passkey was not accepted.");
    public static readonly Problem Invalid = new(422, "passkey-invalid", "This is no passkey that can be added here.");
    public static readonly Problem TooMany = new(409, "too-many-passkeys", "An account has at most 20 passkeys.");
    public static readonly Problem Unknown = new(404, "not-found", "You have no such passkey.");
}

/// <summary>Owns the table `accounts_passkeys`.</summary>
internal interface IPasskeys
{
    /// <summary>The oldest first.</summary>
    Task<IReadOnlyList<Passkey>> List(string userId, CancellationToken ct);

    Task<Passkey?> FindByCredential(string credentialId, CancellationToken ct);

    /// <summary>Makes it a factor, and uses its challenge up.</summary>
    /// <param name="passkey">New.</param>
    /// <param name="challenge">That it answers.</param>
    /// <param name="codes">Become the person's recovery codes when this is the first factor.</param>
    /// <param name="by">Who adds it.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <returns>Whether the codes were taken. Or <see cref="PasskeyChallenge.Over"/>, <see cref="Passkey.TooMany"/>, or
    /// <see cref="Passkey.Invalid"/> when somebody has it already.</returns>
    Task<Outcome<bool>> Add(
        Passkey passkey, PasskeyChallenge challenge, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct);

    /// <summary>Notes that it has signed, and uses its challenge up.</summary>
    /// <returns>Or <see cref="PasskeyChallenge.Over"/>, or <see cref="Passkey.Refused"/> when its counter has not moved on: then there are
    /// two of it, and one is a copy.</returns>
    Task<Problem?> Use(Passkey passkey, PasskeyChallenge challenge, long signCount, bool isBackedUp, CancellationToken ct);

    /// <returns>Or <see cref="Passkey.Unknown"/>.</returns>
    Task<Outcome<Passkey>> Rename(string id, string userId, string name, CancellationToken ct);

    /// <returns>Or <see cref="Passkey.Unknown"/>, or <see cref="WaysIn.Last"/>.</returns>
    Task<Problem?> Remove(string id, string userId, Actor by, CancellationToken ct);

    /// <summary>Those that were added since a time, also the last way in: for the owner who takes the account back.</summary>
    ValueTask RemoveSince(Tx tx, string userId, long since, Actor by);
}

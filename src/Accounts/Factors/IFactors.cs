using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Factors;

/// <summary>What a person signs in with beside the password.</summary>
/// <param name="Totp">An authenticator app.</param>
/// <param name="RecoveryCodes">How many are left.</param>
/// <param name="Passkeys">How many there are.</param>
internal sealed record OwnFactors(bool Totp, long RecoveryCodes, long Passkeys)
{
    public static readonly Problem TotpIsOn = new(409, "totp-on", "There is an authenticator app already. Remove it first.");
    public static readonly Problem TotpIsOff = new(409, "totp-off", "There is no authenticator app, or it was not set up to the end.");
    public static readonly Problem None = new(409, "no-second-factor", "Recovery codes come with a second factor. Add one first.");

    /// <summary>Whether the password alone is not enough.</summary>
    public bool Any => Totp || Passkeys > 0;

    /// <summary>What completes a sign-in, as problems name it.</summary>
    public IReadOnlyList<string> Names =>
    [
        .. Totp ? [FactorName.Totp] : Array.Empty<string>(),
        .. Passkeys > 0 ? [FactorName.Passkey] : Array.Empty<string>(),
        .. RecoveryCodes > 0 ? [FactorName.RecoveryCodes] : Array.Empty<string>(),
    ];
}

internal static class FactorName
{
    public const string Totp = "totp";
    public const string Passkey = "passkey";
    public const string RecoveryCodes = "recovery-codes";
}

/// <summary>A person's factors changed, or a recovery code was used.</summary>
/// <param name="Factor">One of <see cref="FactorName"/>.</param>
/// <param name="Change">`added`, `removed` or `used`.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record FactorChanged(string UserId, string Factor, string Change, long At) : IEvent
{
    public const string Added = "added";
    public const string Removed = "removed";
    public const string Used = "used";

    public static string Name => "accounts.factor-changed";
}

/// <param name="SealedSecret">As <see cref="Keys.Seal"/> closed it.</param>
/// <param name="IsConfirmed">False while the app has not shown that it has the secret: so long it is no factor.</param>
internal sealed record StoredTotp(byte[] SealedSecret, bool IsConfirmed);

/// <summary>
/// Authenticator apps, recovery codes, and the tries at them. Owns the tables `accounts_totp`, `accounts_recovery_codes` and
/// `accounts_code_tries`. What changes a person's factors overtakes their sign-ins that are under way.
/// </summary>
internal interface IFactors
{
    Task<OwnFactors> Of(string userId, CancellationToken ct);

    /// <summary>Stores a secret that is no factor yet, in the place of one before it.</summary>
    /// <returns>Or <see cref="OwnFactors.TotpIsOn"/>.</returns>
    Task<Problem?> ProposeTotp(string userId, byte[] sealedSecret, CancellationToken ct);

    Task<StoredTotp?> TotpOf(string userId, CancellationToken ct);

    /// <summary>Makes the proposed secret a factor, and these the person's recovery codes.</summary>
    /// <returns>Or <see cref="OwnFactors.TotpIsOff"/> when another one was proposed, or confirmed, meanwhile.</returns>
    Task<Problem?> ConfirmTotp(
        string userId, StoredTotp proposed, long step, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct);

    /// <returns>Or <see cref="OwnFactors.TotpIsOff"/>.</returns>
    Task<Problem?> RemoveTotp(string userId, Actor by, CancellationToken ct);

    /// <summary>One that was confirmed since a time, if there is any: for the owner who takes the account back.</summary>
    ValueTask RemoveTotpSince(Tx tx, string userId, long since, Actor by);

    /// <summary>Counts a try before it is looked at, so that many at once are slowed as well as many in a row.</summary>
    /// <returns>0, or how many milliseconds too early it came; then it was not counted.</returns>
    Task<long> Try(string userId, CancellationToken ct);

    /// <summary>Takes the code of a step, and forgets the tries before.</summary>
    /// <returns>False when it, or a later one, was taken before.</returns>
    Task<bool> UseStep(string userId, long step, CancellationToken ct);

    Task<IReadOnlyList<RecoveryCodeHash>> RecoveryCodesOf(string userId, CancellationToken ct);

    /// <summary>As <see cref="UseStep"/>, for a recovery code.</summary>
    Task<bool> UseRecoveryCode(string userId, byte[] hash, Actor by, CancellationToken ct);

    /// <summary>
    /// Begins a transaction that adds or removes a factor: waits for others of the same person, overtakes their sign-ins that are under
    /// way, and tells what changes.
    /// </summary>
    /// <returns>Whether the person had no factor before.</returns>
    ValueTask<bool> Change(Tx tx, string userId, string factor, string change, Actor by);

    /// <summary>In the place of those before.</summary>
    ValueTask WriteCodes(Tx tx, string userId, IReadOnlyList<RecoveryCodeHash> codes);

    /// <summary>After a factor was removed: recovery codes go with the last.</summary>
    ValueTask ForgetCodesWithoutFactor(Tx tx, string userId);

    /// <returns>Or <see cref="OwnFactors.None"/>.</returns>
    Task<Problem?> ReplaceRecoveryCodes(string userId, IReadOnlyList<RecoveryCodeHash> codes, Actor by, CancellationToken ct);
}

/// <summary>How long a try at a code has to wait for the last: three are free, and then it doubles from a second to an hour.</summary>
internal static class CodeDelay
{
    private const long FreeTries = 3;
    private const long MsMax = Clock.Hour;

    public static long After(long tries) => tries < FreeTries ? 0 : Math.Min(MsMax, Clock.Second << (int)Math.Min(tries - FreeTries, 12));
}

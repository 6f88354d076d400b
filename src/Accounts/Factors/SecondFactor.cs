using Kontor.Accounts.Sessions;
using Kontor.Foundation;
using Kontor.Foundation.Http;

namespace Kontor.Accounts.Factors;

/// <summary>
/// Asks for the second factor of those who have one, once the first was right: a stranger learns nothing here, and cannot slow anybody
/// down.
/// </summary>
internal sealed class SecondFactor(IFactors factors, AuthenticatorApps apps, RecoveryCodes recovery)
{
    public static readonly Problem Required = new(401, "mfa-required", "A second factor is needed: send a code, or use a passkey.");
    public static readonly Problem CodeWrong = new(401, "invalid-code", "The code is wrong, too old, or was used before.");

    /// <summary>More than any code has, with its spaces.</summary>
    public const int CodeLengthMax = 32;

    /// <param name="user">Who has given the first factor.</param>
    /// <param name="code">Of the authenticator app or a recovery code; null or empty when none was given.</param>
    /// <param name="by">The same person, for the audit trail.</param>
    /// <param name="ct">Ends the wait.</param>
    /// <param name="first">What the first factor was.</param>
    /// <returns>By what the person has signed in. Or <see cref="Required"/>, which names the factors, or as <see cref="Use"/>.</returns>
    public async Task<Outcome<string[]>> Check(
        User user, string? code, Actor by, CancellationToken ct, string first = Authentication.Password)
    {
        var own = await factors.Of(user.Id, ct);
        if (!own.Any) return new string[] { first };
        if (string.IsNullOrWhiteSpace(code)) return Required.With("factors", own.Names);
        if (await Use(user.Id, code, by, ct) is { } problem) return problem;
        return new string[] { first, Authentication.Code, Authentication.TwoFactors };
    }

    /// <summary>Takes a code of the authenticator app or a recovery code, each once.</summary>
    /// <returns>Null when it is right; or <see cref="CodeWrong"/>, or 429 when there were too many tries.</returns>
    public async Task<Problem?> Use(string userId, string code, Actor by, CancellationToken ct)
    {
        var wait = await factors.Try(userId, ct);
        if (wait > 0) return ProblemResults.TooManyRequests(wait);
        code = code.Replace(" ", "", StringComparison.Ordinal);
        var isOfApp = code.Length == Totp.Digits && code.All(char.IsAsciiDigit);
        var isRight = isOfApp ? await UseApp(userId, code, ct) : await recovery.Use(userId, code, by, ct);
        return isRight ? null : CodeWrong;
    }

    private async Task<bool> UseApp(string userId, string code, CancellationToken ct) =>
        await factors.TotpOf(userId, ct) is { IsConfirmed: true } stored
        && apps.StepOf(code, stored, userId) is { } step
        && await factors.UseStep(userId, step, ct);
}

using Kontor.Accounts.Keys;
using Kontor.Foundation;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Options;
using QRCoder;

namespace Kontor.Accounts.Factors;

/// <param name="Secret">In base32, to type into an app.</param>
/// <param name="Uri">The same as an app reads it from the QR code.</param>
/// <param name="QrSvg">The QR code as a picture.</param>
internal sealed record ProposedApp(string Secret, string Uri, string QrSvg);

/// <summary>Sets up authenticator apps: a secret is proposed, and a code proves that the app has it.</summary>
internal sealed class AuthenticatorApps(
    IFactors factors, RecoveryCodes codes, KeyRing ring, IOptions<AccountOptions> options, TimeProvider time)
{
    private const int QrPixels = 4;

    /// <returns>Or <see cref="OwnFactors.TotpIsOn"/>.</returns>
    public async Task<Outcome<ProposedApp>> Propose(User user, CancellationToken ct)
    {
        var secret = Totp.NewSecret();
        var problem = await factors.ProposeTotp(user.Id, Seal.Close(ring, secret, About(user.Id)), ct);
        return problem is null ? Show(user, secret) : problem;
    }

    /// <summary>The one that waits for its first code, to be shown again; null when there is none.</summary>
    public async Task<ProposedApp?> Proposed(User user, CancellationToken ct) =>
        await factors.TotpOf(user.Id, ct) is { IsConfirmed: false } stored && Open(stored, user.Id) is { } secret
            ? Show(user, secret)
            : null;

    /// <returns>The person's new recovery codes, or <see cref="OwnFactors.TotpIsOff"/> or <see cref="SecondFactor.CodeWrong"/>.</returns>
    public async Task<Outcome<string[]>> Confirm(string userId, string code, Actor by, CancellationToken ct)
    {
        if (await factors.TotpOf(userId, ct) is not { IsConfirmed: false } proposed) return OwnFactors.TotpIsOff;
        if (StepOf(code, proposed, userId) is not { } step) return SecondFactor.CodeWrong;
        var fresh = codes.Make(userId);
        var problem = await factors.ConfirmTotp(userId, proposed, step, fresh.Hashes, by, ct);
        return problem is null ? fresh.Codes : problem;
    }

    /// <summary>The step that a code is of; null when it is not right at this time.</summary>
    public long? StepOf(string code, StoredTotp stored, string userId) =>
        Open(stored, userId) is { } secret ? Totp.StepOf(code, secret, time.NowMs()) : null;

    private ProposedApp Show(User user, byte[] secret)
    {
        var text = Totp.Base32(secret);
        var uri = Totp.UriOf(text, options.Value.AuthenticatorName, user.Email);
        using var data = QRCodeGenerator.GenerateQrCode(uri, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(data);
        return new(text, uri, svg.GetGraphic(QrPixels));
    }

    private byte[]? Open(StoredTotp stored, string userId) => Seal.Open(ring, stored.SealedSecret, About(userId));

    private static string About(string userId) => $"totp {userId}";
}

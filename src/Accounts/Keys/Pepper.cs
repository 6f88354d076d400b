using System.Security.Cryptography;

namespace Kontor.Accounts.Keys;

/// <summary>
/// A secret of the server that is in no database, so that a stolen database is of no use to guess passwords or to make refresh tokens.
/// Each use has a key of its own, derived from it.
/// </summary>
internal sealed class Pepper
{
    public const int IdBytes = 4;
    private const int KeyBytes = 32;
    private const int SecretBytes = 32;

    public Pepper(ReadOnlySpan<byte> secret)
    {
        Id = Convert.ToHexStringLower(Derive(secret, "kontor pepper id", IdBytes));
        PasswordKey = Derive(secret, "kontor password", KeyBytes);
        MacKey = Derive(secret, "kontor refresh token mac", KeyBytes);
        SuccessorKey = Derive(secret, "kontor refresh token successor", KeyBytes);
        SealKey = Derive(secret, "kontor seal", KeyBytes);
        RecoveryCodeKey = Derive(secret, "kontor recovery code", KeyBytes);
        AttemptKey = Derive(secret, "kontor sign-in attempt", KeyBytes);
        DeviceKey = Derive(secret, "kontor known device", KeyBytes);
        DecoyKey = Derive(secret, "kontor decoy", KeyBytes);
    }

    public static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)) + "\n";

    /// <param name="text">At least 32 bytes, in hexadecimal digits.</param>
    public static Pepper FromText(string text)
    {
        var secret = Convert.FromHexString(text.Trim());
        return secret.Length >= SecretBytes
            ? new Pepper(secret)
            : throw new InvalidOperationException($"A pepper has at least {SecretBytes} bytes, in hexadecimal digits.");
    }

    /// <summary>Stored beside what was made with this pepper: eight hexadecimal digits that follow from the secret.</summary>
    public string Id { get; }

    public byte[] PasswordKey { get; }

    public byte[] MacKey { get; }

    public byte[] SuccessorKey { get; }

    public byte[] SealKey { get; }

    public byte[] RecoveryCodeKey { get; }

    public byte[] AttemptKey { get; }

    public byte[] DeviceKey { get; }

    public byte[] DecoyKey { get; }

    private static byte[] Derive(ReadOnlySpan<byte> secret, string purpose, int length)
    {
        var key = new byte[length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt: default, info: System.Text.Encoding.ASCII.GetBytes(purpose));
        return key;
    }
}

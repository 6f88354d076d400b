using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Factors;

/// <summary>Codes that an authenticator app computes from a secret and the time: RFC 6238 with SHA-1, 30 seconds and six digits, which is
/// what every app can do.</summary>
internal static class Totp
{
    /// <summary>As much as SHA-1 has (RFC 4226, section 4).</summary>
    public const int SecretBytes = 20;

    public const int Digits = 6;

    private const long StepMs = 30 * Clock.Second;

    /// <summary>How many steps a phone's clock may be wrong, either way.</summary>
    private const int Drift = 1;

    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretBytes);

    public static long StepAt(long now) => now / StepMs;

    /// <param name="secret">Shared with the app.</param>
    /// <param name="step">How many 30 seconds since 1970.</param>
    /// <param name="digits">Six, but for the examples in the RFC.</param>
    public static string CodeOf(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // It is what apps compute, and no weakness of SHA-1 is known to touch HMAC.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        // RFC 4226, section 5.3: where to cut is in the last half byte; the sign is dropped.
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xF)..]) & int.MaxValue;
        return (number % (long)Math.Pow(10, digits)).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>The step that a code is of, among those around a time; null when of none. It takes as long for every code.</summary>
    public static long? StepOf(string code, ReadOnlySpan<byte> secret, long now)
    {
        long? found = null;
        var given = Encoding.UTF8.GetBytes(code);
        for (var step = StepAt(now) - Drift; step <= StepAt(now) + Drift; step++)
        {
            if (CryptographicOperations.FixedTimeEquals(given, Encoding.ASCII.GetBytes(CodeOf(secret, step)))) found = step;
        }

        return found;
    }

    /// <summary>What an app reads from the QR code.</summary>
    /// <param name="secret">In base32, as <see cref="Base32"/> writes it.</param>
    /// <param name="issuer">What the app lists the account under.</param>
    /// <param name="account">The e-mail address.</param>
    public static string UriOf(string secret, string issuer, string account)
    {
        var label = $"{Uri.EscapeDataString(issuer)}:{Uri.EscapeDataString(account)}";
        return $"otpauth://totp/{label}?secret={secret}&issuer={Uri.EscapeDataString(issuer)}&algorithm=SHA1&digits={Digits}&period=30";
    }

    /// <summary>RFC 4648, section 6, for the 20 bytes of a secret, which need no padding.</summary>
    public static string Base32(ReadOnlySpan<byte> secret)
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        var text = new StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var one in secret)
        {
            (buffer, bits) = ((buffer << 8 | one) & 0xFFFF, bits + 8);
            for (; bits >= 5; bits -= 5) text.Append(alphabet[(buffer >> (bits - 5)) & 31]);
        }

        return text.ToString();
    }
}

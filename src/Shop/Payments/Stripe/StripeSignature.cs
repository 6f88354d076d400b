using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Kontor.Shop.Payments;

/// <summary>
/// Stripe's signature of a webhook: `t=1492774577,v1=5257a8…,v1=…`, where each `v1` is the HMAC-SHA256 of `{t}.{body}` under one of the
/// endpoint's secrets. https://docs.stripe.com/webhooks#verify-manually
/// </summary>
internal static class StripeSignature
{
    public const string Header = "Stripe-Signature";

    /// <summary>How far its time may be from ours, so that what was overheard cannot be sent again much later.</summary>
    public const long ToleranceSeconds = 300;

    private const int SignaturesMax = 16;

    /// <param name="nowSeconds">Since 1970.</param>
    public static bool IsValid(string? header, ReadOnlySpan<byte> body, IReadOnlyList<string> secrets, long nowSeconds)
    {
        if (header is null || Parse(header) is not { } parsed) return false;
        if (parsed.Time < nowSeconds - ToleranceSeconds || parsed.Time > nowSeconds + ToleranceSeconds) return false;
        var isValid = false;
        foreach (var secret in secrets)
        {
            var expected = Sign(secret, parsed.Time, body);
            // All are compared, each in a time that says nothing about where it differs.
            foreach (var signature in parsed.Signatures) isValid |= CryptographicOperations.FixedTimeEquals(signature, expected);
        }

        return isValid;
    }

    public static byte[] Sign(string secret, long timeSeconds, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{timeSeconds}.")));
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }

    private static (long Time, List<byte[]> Signatures)? Parse(string header)
    {
        long? time = null;
        var signatures = new List<byte[]>();
        foreach (var part in header.Split(','))
        {
            if (part.Split('=', 2) is not [var name, var value]) return null;
            switch (name.Trim())
            {
                case "t" when time is null && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds):
                    time = seconds;
                    break;
                case "t":
                    return null;
                case "v1" when signatures.Count < SignaturesMax && IsHash(value):
                    signatures.Add(Convert.FromHexString(value));
                    break;
            }
        }

        return time is { } known && signatures.Count > 0 ? (known, signatures) : null;
    }

    private static bool IsHash(string value) => value.Length == 2 * SHA256.HashSizeInBytes && value.All(char.IsAsciiHexDigit);
}

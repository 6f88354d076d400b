namespace Kontor.Accounts.Tokens;

/// <summary>What a signature by ES256 (RFC 7518, 3.4) looks like before any key is asked: r and s, 32 bytes each.</summary>
internal static class Es256
{
    public const int SignatureBytes = 64;

    /// <summary>The order n of P-256 (FIPS 186-5); r and s lie between 1 and n - 1.</summary>
    private static ReadOnlySpan<byte> Order =>
    [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ];

    /// <summary>False for DER, for any other length, and for r or s that is 0 or not below n (CVE-2022-21449).</summary>
    public static bool IsWellFormed(ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureBytes && IsScalar(signature[..32]) && IsScalar(signature[32..]);

    private static bool IsScalar(ReadOnlySpan<byte> value) => value.ContainsAnyExcept((byte)0) && value.SequenceCompareTo(Order) < 0;
}

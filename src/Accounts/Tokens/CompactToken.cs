using System.Buffers;
using System.Buffers.Text;

namespace Kontor.Accounts.Tokens;

/// <summary>A token in the compact form of RFC 7515, taken apart: `header.payload.signature`, each in base64url.</summary>
internal readonly ref struct CompactToken
{
    /// <summary>Ours have about 500 characters; what is longer is not looked at.</summary>
    public const int LengthMax = 4096;

    /// <summary>Of ES256: 64 bytes.</summary>
    public const int SignatureLength = 86;

    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public ReadOnlySpan<char> Header { get; private init; }

    public ReadOnlySpan<char> Payload { get; private init; }

    public ReadOnlySpan<char> Signature { get; private init; }

    /// <summary>What the signature is over.</summary>
    public ReadOnlySpan<char> Signed { get; private init; }

    /// <summary>False unless there are exactly three parts, none of them empty.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out CompactToken token)
    {
        token = default;
        if (text.Length > LengthMax) return false;
        var first = text.IndexOf('.');
        var last = text.LastIndexOf('.');
        if (first <= 0 || last == first || last == text.Length - 1) return false;
        var payload = text[(first + 1)..last];
        if (payload.IsEmpty || payload.Contains('.')) return false;
        token = new() { Header = text[..first], Payload = payload, Signature = text[(last + 1)..], Signed = text[..last] };
        return true;
    }

    /// <summary>
    /// Null unless this is the one way to write some bytes: no padding, no white space, no character of another alphabet, and zeros in the
    /// bits that the last character has too many.
    /// </summary>
    public static byte[]? Decode(ReadOnlySpan<char> text)
    {
        if (text.Length % 4 == 1 || text.ContainsAnyExcept(Alphabet)) return null;
        var bytes = new byte[text.Length * 3 / 4];
        // The framework looks at the last bits itself, but lets padding and white space pass.
        var status = Base64Url.DecodeFromChars(text, bytes, out _, out var written);
        return status == OperationStatus.Done && written == bytes.Length ? bytes : null;
    }
}

using System.Buffers;
using System.Globalization;

namespace Kontor.Accounts;

/// <summary>An address as its owner wrote it, and the key by which two ways to write it are the same.</summary>
/// <param name="Text">Trimmed; up to 254 characters, which is as much as SMTP carries.</param>
/// <param name="Key">In lower case, with the domain in ASCII. No two accounts share one.</param>
internal sealed record EmailAddress(string Text, string Key)
{
    public const int LengthMax = 254;
    private const int LocalPartMax = 64;

    private static readonly SearchValues<char> AtomCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~");

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    public string LocalPart => Text[..Text.LastIndexOf('@')];

    /// <summary>Null when nobody can have this address: the rules of RFC 5321 without quoted local parts and bare hosts.</summary>
    public static EmailAddress? Parse(string text)
    {
        text = text.Trim();
        var at = text.LastIndexOf('@');
        if (text.Length > LengthMax || at is < 1 or > LocalPartMax || !IsLocalPart(text[..at])) return null;
        if (DomainOf(text[(at + 1)..]) is not { } domain) return null;
        var key = $"{text[..at]}@{domain}".ToLowerInvariant();
        return key.Length <= LengthMax ? new(text, key) : null;
    }

    private static bool IsLocalPart(string text) =>
        text.Split('.').All(atom => atom.Length > 0 && !atom.AsSpan().ContainsAnyExcept(AtomCharacters));

    private static string? DomainOf(string text)
    {
        if (!text.Contains('.', StringComparison.Ordinal)) return null;
        try
        {
            var domain = Idn.GetAscii(text);
            return domain.EndsWith('.') || domain.Split('.').Any(label => label is [] or ['-', ..] or [.., '-']) ? null : domain;
        }
        catch (ArgumentException)
        {
            // The framework's way to say that a label is empty, too long, or has characters that no domain has.
            return null;
        }
    }
}

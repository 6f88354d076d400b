using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Kontor.Foundation;

namespace Kontor.Accounts.Passwords;

/// <summary>
/// The passwords that people choose first, and what they make of them to please a rule: `Password1!`, `p4ssw0rd`, `dragondragon`,
/// `12345678`. The list is a Bloom filter; `common-passwords.md` says where it comes from and how often it errs.
/// </summary>
internal static class CommonPasswords
{
    private const int Positions = 16;

    /// <summary>Shorter ones are not in the list, for they occur in anything.</summary>
    private const int EntryLengthMin = 4;

    /// <summary>So many digits or signs before or behind a common one, such as a year and `!`, do not make it uncommon.</summary>
    private const int TrimmingMax = 5;

    private const string Disguises = "4@310!5$7";
    private const string Undisguised = "aaeioisst";

    private static readonly byte[] Filter = Load();

    /// <param name="password">As it was typed.</param>
    public static bool Contains(string password)
    {
        var folded = Fold(password).Replace(" ", "", StringComparison.Ordinal);
        var unit = RepeatedUnit(folded);
        return unit.Length < EntryLengthMin || IsRun(folded) || IsVariant(folded) || (unit.Length < folded.Length && IsVariant(unit));
    }

    /// <summary>The form in which texts are compared: compatible characters are one, without accents, in lower case.</summary>
    public static string Fold(string text)
    {
        var folded = new StringBuilder(text.Length);
        foreach (var c in text.InForm(NormalizationForm.FormKD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark) folded.Append(char.ToLowerInvariant(c));
        }

        return folded.ToString();
    }

    private static bool IsVariant(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && !char.IsLetter(text[start])) start++;
        while (end > start && !char.IsLetter(text[end - 1])) end--;
        // What looks like trimming may be a disguised letter, so each end is also left as it is.
        return IsPlainOrDisguised(text)
            || (IsTrimming(text[end..]) && IsPlainOrDisguised(text[..end]))
            || (IsTrimming(text[..start]) && IsPlainOrDisguised(text[start..]))
            || (IsTrimming(text[..start]) && IsTrimming(text[end..]) && IsPlainOrDisguised(text[start..end]));
    }

    private static bool IsTrimming(string text) => text.Length <= TrimmingMax || IsEntry(text) || IsRun(text);

    private static bool IsPlainOrDisguised(string text)
    {
        if (IsEntry(text)) return true;
        var plain = string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
            {
                var at = Disguises.IndexOf(from[i], StringComparison.Ordinal);
                to[i] = at < 0 ? from[i] : Undisguised[at];
            }
        });
        return plain != text && IsEntry(plain);
    }

    /// <summary>`ab` of `ababab`; the text itself when nothing is repeated.</summary>
    private static string RepeatedUnit(string text)
    {
        for (var length = 1; length <= text.Length / 2; length++)
        {
            if (text.AsSpan(length).SequenceEqual(text.AsSpan(0, text.Length - length))) return text[..length];
        }

        return text;
    }

    /// <summary>Each character is the one after, or before, its neighbour: `abcdefgh`, `87654321`.</summary>
    private static bool IsRun(string text)
    {
        if (text.Length < 2) return false;
        var step = text[1] - text[0];
        return step is 1 or -1 && Enumerable.Range(1, text.Length - 1).All(i => text[i] - text[i - 1] == step);
    }

    private static bool IsEntry(string text)
    {
        if (text.Length < EntryLengthMin) return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        var at = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        var step = BinaryPrimitives.ReadUInt64LittleEndian(hash[sizeof(ulong)..]);
        var bits = (ulong)Filter.Length * 8;
        for (var i = 0; i < Positions; i++, at += step)
        {
            var bit = (int)(at % bits);
            if ((Filter[bit >> 3] & 1 << (bit & 7)) == 0) return false;
        }

        return true;
    }

    private static byte[] Load()
    {
        using var resource = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.bloom")!;
        var filter = new byte[resource.Length];
        resource.ReadExactly(filter);
        return filter;
    }
}

using System.Text;

namespace Kontor.Accounts;

/// <summary>What a person wants to be called; may be empty.</summary>
internal static class PersonName
{
    public const int LengthMax = 100;

    /// <summary>The trimmed name, or a sentence in English that says why not.</summary>
    public static (string Name, string? Error) Read(string? text)
    {
        var name = (text ?? "").Trim();
        if (name.Length > LengthMax) return ("", "A name has at most 100 characters.");
        return name.EnumerateRunes().Any(Rune.IsControl) ? ("", "A name has no control characters.") : (name, null);
    }
}

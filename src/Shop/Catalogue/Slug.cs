using System.Globalization;
using System.Text;
using Kontor.Foundation;

namespace Kontor.Shop.Catalogue;

/// <summary>A product's name as it stands in an address: `Rückenprotektor 2.0` is `rueckenprotektor-2-0`.</summary>
internal static class Slug
{
    private const int LengthMax = 60;

    public static string Of(string name)
    {
        var slug = new StringBuilder(LengthMax);
        foreach (var letter in Plain(name))
        {
            if (slug.Length == LengthMax) break;
            if (char.IsAsciiLetterOrDigit(letter)) slug.Append(char.ToLowerInvariant(letter));
            else if (slug.Length > 0 && slug[^1] != '-') slug.Append('-');
        }

        var plain = slug.ToString().Trim('-');
        return plain.Length > 0 ? plain : "product";
    }

    /// <summary>As the name sorts: without capitals and accents.</summary>
    public static string SortKey(string name) => string.Concat(Plain(name)).ToLowerInvariant();

    /// <summary>German letters as Germans spell them without; others lose their accents.</summary>
    private static IEnumerable<char> Plain(string name) => name
        .Replace("ä", "ae", StringComparison.OrdinalIgnoreCase)
        .Replace("ö", "oe", StringComparison.OrdinalIgnoreCase)
        .Replace("ü", "ue", StringComparison.OrdinalIgnoreCase)
        .Replace("ß", "ss", StringComparison.OrdinalIgnoreCase)
        .InForm(NormalizationForm.FormD)
        .Where(letter => char.GetUnicodeCategory(letter) != UnicodeCategory.NonSpacingMark);
}

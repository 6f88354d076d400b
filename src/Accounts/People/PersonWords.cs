using System.Globalization;
using System.Text;
using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Accounts;

/// <summary>
/// The words by whose beginnings a person is found: those of the name, the address, its domain and the parts before the `@`. Looked up in
/// an index, however many people there are. Owns the table `accounts_words`.
/// </summary>
internal static class PersonWords
{
    /// <summary>A search with more words than that is as good with the first ones.</summary>
    public const int SearchedMax = 5;

    /// <summary>Follows every character that a word may have.</summary>
    private const string Last = "\U0010FFFF";

    /// <summary>Whenever the name or the address changes.</summary>
    public static async ValueTask Replace(Tx tx, string id, EmailAddress email, string name)
    {
        await tx.Execute("DELETE FROM accounts_words WHERE user_id = @id", new { id });
        foreach (var word in Of(email, name))
            await tx.Execute("INSERT INTO accounts_words (word, user_id) VALUES (@word, @id)", new { word, id });
    }

    /// <summary>The words of a search, and the first that does not begin like each.</summary>
    public static List<(string Word, string End)> Searched(string text) =>
        [.. WordsOf(Fold(text)).Distinct(StringComparer.Ordinal).Take(SearchedMax).Select(word => (word, word + Last))];

    private static HashSet<string> Of(EmailAddress email, string name)
    {
        var words = new HashSet<string>(WordsOf(Fold(name)), StringComparer.Ordinal);
        var at = email.Key.LastIndexOf('@');
        words.UnionWith(PartsOf(Fold(name)));
        words.UnionWith(PartsOf(email.Key[..at]));
        words.Add(email.Key);
        words.Add(email.Key[(at + 1)..]);
        return words;
    }

    private static string[] WordsOf(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>`meyer-oetker` is found by `oetker` too.</summary>
    private static IEnumerable<string> PartsOf(string text) =>
        new string([.. text.Select(c => char.IsLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>In lower case and without accents: `Müller` is `muller`.</summary>
    private static string Fold(string text) => new(
    [
        .. text.ToLowerInvariant().InForm(NormalizationForm.FormD)
            .Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.NonSpacingMark),
    ]);
}

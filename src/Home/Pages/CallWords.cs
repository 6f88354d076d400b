using System.Text.RegularExpressions;
using Kontor.Ui;

namespace Kontor.Home;

/// <summary>What became of a call to a source, in the visitor's language; what is not known here stays as it was written.</summary>
internal static class CallWords
{
    // The longer one first, where one begins like another.
    private static readonly (Regex Says, string Text)[] Known =
    [
        .. ((string[])
        [
            "{0} taken, {1} refused", "{0} taken", "it answered {0}; redirects are not followed",
            "it answered 304, though it was not told of any earlier answer", "it answered {0}", "its answer is larger than {0} bytes",
            "it took longer than {0} ms", "unchanged", "verified", "declared anew meanwhile", "it cannot be reached",
            "its answer broke off", "its secret cannot be sent; declare another", "its answer is compressed; nobody asked for that",
            "its secret cannot be read with this node's keys; declare it again",
            "its name leads to an address that is not public",
        ]).Select(text => (new Regex($@"\A{Pattern(text)}\z", RegexOptions.NonBacktracking), text)),
    ];

    public static string Of(string outcome, Texts texts)
    {
        foreach (var (says, text) in Known)
            if (says.Match(outcome) is { Success: true } match)
                return texts[text, match.Groups["a"].Value, match.Groups["b"].Value];
        return outcome;
    }

    private static string Pattern(string text) => Regex.Escape(text)
        .Replace(@"\{0}", "(?<a>[0-9]+)", StringComparison.Ordinal).Replace(@"\{1}", "(?<b>[0-9]+)", StringComparison.Ordinal);
}

using System.Text.RegularExpressions;
using Kontor.Ui;

namespace Kontor.Home.Rules;

/// <summary>Why a rule cannot be evaluated, in the visitor's language; the names within a reason stay what they are.</summary>
internal static class FaultWords
{
    private static readonly (Regex Says, string Text)[] Known =
    [
        .. ((string[])
        [
            "the segment {0} cannot be evaluated: {1}", "the expression {0} does not compile: {1}", "there is no attribute {0}",
            "there is no segment {0}", "there is no operator {0}", "it asks for itself, by {0}",
            "with the segments that it names it has more than {0} parts", "a segment is a group of persons: ask {0} of no attribute",
            "an expression has at most {0} characters", "Its lists have more than {0} values.", "It has more than {0} parts.",
            "It is deeper than {0}.", "{0} wants an object", "{0} wants a list", "{0} wants a text", "{0} wants the key of a segment",
            "{0} is never {1}",
        ]).Select(text => (new Regex($@"\A{Pattern(text)}\z", RegexOptions.Singleline | RegexOptions.NonBacktracking), text)),
    ];

    public static string Of(string fault, Texts texts)
    {
        foreach (var (says, text) in Known)
        {
            if (says.Match(fault) is not { Success: true } match) continue;
            // What stands behind a colon is a reason of its own.
            var second = match.Groups["b"].Value;
            if (text.EndsWith(": {1}", StringComparison.Ordinal)) second = Of(second, texts);
            // A name that a sentence begins with keeps its small letter.
            var said = texts[text, match.Groups["a"].Value, second];
            return text.StartsWith('{') ? said : Capital(said);
        }

        return Capital(texts[fault]);
    }

    private static string Pattern(string text) =>
        Regex.Escape(text).Replace(@"\{0}", "(?<a>.+?)", StringComparison.Ordinal).Replace(@"\{1}", "(?<b>.+)", StringComparison.Ordinal);

    private static string Capital(string text) =>
        text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}

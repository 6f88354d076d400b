using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Shouldly;
using Xunit;

namespace Kontor.Ui.Tests;

/// <summary>Reads the sources, so that a text or a module that is added later cannot be forgotten.</summary>
public partial class TranslationTests
{
    private static readonly string Ui = Path.Combine(SourceTree.Root, "src", "Ui");

    [Fact]
    public void Every_text_has_its_German()
    {
        var common = German(Ui);
        var missing =
            from project in SourceTree.Projects
            let own = German(project)
            from file in SourceTree.Files(project, ".razor", ".cs")
            from text in Said(File.ReadAllText(file))
            where !own.ContainsKey(text) && !common.ContainsKey(text)
            select $"{Path.GetRelativePath(SourceTree.Root, file)}: {text}";
        missing.Distinct().ShouldBeEmpty();
    }

    [Fact]
    public void Every_German_text_is_said_somewhere()
    {
        var everywhere = SourceTree.Projects.ToDictionary(
            project => project, project => string.Concat(SourceTree.Files(project, ".razor", ".cs", ".schema.json").Select(Whole)));
        var unused =
            from project in SourceTree.Projects
            let sources = project == Ui ? string.Concat(everywhere.Values) : everywhere[project]
            from english in German(project).Keys
                // A problem's title or a link's text is said without `T` around its literal.
            where !sources.Contains(JsonSerializer.Serialize(english, Plain), StringComparison.Ordinal) && !IsMade(english, sources)
            select $"{Path.GetFileName(project)}: {english}";
        unused.ShouldBeEmpty();
    }

    [Fact]
    public void One_English_text_is_the_same_in_German_everywhere() =>
        SourceTree.Projects.SelectMany(German).GroupBy(pair => pair.Key)
            .Where(translations => translations.Distinct().Count() > 1).Select(translations => translations.Key).ShouldBeEmpty();

    [Fact]
    public void German_has_the_same_places_for_values() =>
        SourceTree.Projects.SelectMany(German)
            .Where(pair => !Places(pair.Key).SetEquals(Places(pair.Value))).Select(pair => pair.Key).ShouldBeEmpty();

    [Fact]
    public void No_page_has_a_script_or_a_style_within_itself()
    {
        var found =
            from project in SourceTree.Projects
            from file in SourceTree.Files(project, ".razor")
            from Match match in InlinePattern().Matches(File.ReadAllText(file))
            select $"{Path.GetRelativePath(SourceTree.Root, file)}: {match.Value}";
        found.ShouldBeEmpty();
    }

    private static JsonSerializerOptions Plain { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Dictionary<string, string> German(string project) => SourceTree.Files(project, "de.json")
        .SelectMany(file => JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(file))!)
        .ToDictionary();

    private static IEnumerable<string> Said(string source) =>
        TextPattern().Matches(CommentPattern().Replace(source, "")).Concat(LinkPattern().Matches(source))
            .Select(match => Regex.Unescape(match.Groups["text"].Value));

    /// <summary>With literals that were broken into lines in one piece again.</summary>
    private static string Whole(string file) => BreakPattern().Replace(File.ReadAllText(file), "");

    /// <summary>Messages are made of values, and names of members; both are translated as they come out.</summary>
    private static bool IsMade(string text, string sources) =>
        sources.Contains($"\"{char.ToLowerInvariant(text[0])}{text[1..]}\"", StringComparison.Ordinal)
        || LiteralPattern().Matches(sources)
        .Select(match => HolePattern().Split(match.Groups["text"].Value))
        .Where(parts => parts.Length > 1 && parts.Max(part => part.Length) > 3)
        .Any(parts => Regex.IsMatch(text, $"^{string.Join(".+", parts.Select(Regex.Escape))}$"));

    private static HashSet<string> Places(string text) => [.. PlacePattern().Matches(text).Select(match => match.Value)];

    [GeneratedRegex("\\bT\\[\"(?<text>(?:[^\"\\\\]|\\\\.)*)\"")]
    private static partial Regex TextPattern();

    [GeneratedRegex("(?<!\\\\)\"\\s*\\+\\s*\\$?\"(?!\")")]
    private static partial Regex BreakPattern();

    [GeneratedRegex("\"(?<text>(?:[^\"\\\\\\r\\n]|\\\\.)*)\"")]
    private static partial Regex LiteralPattern();

    [GeneratedRegex(@"\{[^{}]*(?:\}|$)|\d+")]
    private static partial Regex HolePattern();

    [GeneratedRegex("^ *//.*$", RegexOptions.Multiline)]
    private static partial Regex CommentPattern();

    [GeneratedRegex("new (?:NavigationLink|SearchTarget)\\(\"[^\"]*\", \"(?<text>[^\"]*)\"")]
    private static partial Regex LinkPattern();

    [GeneratedRegex("""\{\d+(?=[,:}])""")]
    private static partial Regex PlacePattern();

    [GeneratedRegex("""\sstyle=|<style|\son[a-z]+="|<script(?![^>]*\ssrc=)|javascript:""")]
    private static partial Regex InlinePattern();
}

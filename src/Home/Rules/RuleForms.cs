using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Http;
using Kontor.Home.Attributes;
using Kontor.Ui;
using Microsoft.AspNetCore.Http;

namespace Kontor.Home.Rules;

/// <summary>
/// A rule in a form, as `RuleEditor` shows it: rows, the JSON beside them, and what it means in words. Whichever of the two was changed
/// counts; the JSON where both were.
/// </summary>
public static class RuleForms
{
    private const int GroupsMax = 8;
    private const int RowsMax = 20;

    private static readonly JsonSerializerOptions Written =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="Attribute">A key, or `$inGroup` for a segment.</param>
    /// <param name="Operator">One of the dialect, `known` or `unknown`.</param>
    public sealed record Row(string Attribute, string Operator, string Value);

    /// <param name="Any">One of the rows is enough.</param>
    public sealed record Group(bool Any, IReadOnlyList<Row> Rows);

    /// <param name="Json">As it is stored, or as it was typed.</param>
    /// <param name="Rule">Null when the JSON is none.</param>
    /// <param name="Any">One of the groups is enough.</param>
    /// <param name="Groups">Null when rows cannot say the same.</param>
    /// <param name="Sentence">What it means; null when it cannot be evaluated.</param>
    /// <param name="Faults">Why it cannot.</param>
    public sealed record Form(
        string Json, JsonElement? Rule, bool Any, IReadOnlyList<Group>? Groups, string? Sentence, IReadOnlyList<string> Faults,
        IReadOnlyList<ListAttributes.AttributeView> Attributes, IReadOnlyList<SelectOption> Segments)
    {
        public bool IsGood => Faults.Count == 0;
    }

    /// <param name="rule">Null for none.</param>
    internal static Form Of(JsonElement? rule, Vocabulary vocabulary, Texts texts) =>
        Of(rule is { } some ? JsonSerializer.Serialize(some, Written) : "{}", rule ?? JsonElement.Parse("{}"), vocabulary, texts);

    /// <summary>Whether only another look at it is wanted, and nothing is to be stored.</summary>
    internal static bool IsLook(IFormCollection form, string name = "rule") => form.ContainsKey($"{name}-look");

    internal static Form Read(IFormCollection form, Vocabulary vocabulary, Texts texts, string name = "rule")
    {
        var (typed, before) = (Lines(form[name]), Lines(form[$"{name}-was"]));
        if (typed == before && form.ContainsKey($"{name}-rows"))
        {
            var composed = RuleRows.Compose(IsAny(form[$"{name}-any"]), Groups(form, name), vocabulary);
            if (Says(before, composed, vocabulary) is { } same) return Of(same, vocabulary, texts);
            return Of(JsonSerializer.SerializeToElement(composed), vocabulary, texts);
        }

        try
        {
            var rule = typed.Trim().Length == 0 ? JsonElement.Parse("{}") : JsonElement.Parse(typed);
            return rule.ValueKind == JsonValueKind.Object && BrokenText.IsWhole(rule)
                ? Of(rule, vocabulary, texts)
                : Of(typed, null, vocabulary, texts);
        }
        catch (JsonException)
        {
            return Of(typed, null, vocabulary, texts);
        }
    }

    /// <summary>The rule as it was, when its rows are those that were sent: it may be written otherwise. Null when they are not.</summary>
    private static JsonElement? Says(string before, JsonObject composed, Vocabulary vocabulary)
    {
        try
        {
            var rule = JsonElement.Parse(before);
            return BrokenText.IsWhole(rule) && RuleRows.Parse(rule, vocabulary) is var (any, groups)
                && JsonNode.DeepEquals(RuleRows.Compose(any, groups, vocabulary), composed) ? rule : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Form Of(string json, JsonElement? rule, Vocabulary vocabulary, Texts texts)
    {
        var problem = rule is { } some ? vocabulary.Read(some).Problem : RuleReader.NoObject;
        var rows = rule is { } one ? RuleRows.Parse(one, vocabulary) : null;
        // More than the form has room for would be cut off by it.
        if (rows?.Groups is { } all && (all.Count > GroupsMax || all.Any(group => group.Rows.Count > RowsMax))) rows = null;
        return new(
            json, rule, rows?.Any ?? false, rows?.Groups,
            problem is null ? RuleSentence.Of(rule!.Value, vocabulary, texts) : null,
            problem is null ? [] : Vocabulary.FaultsOf(problem),
            [.. vocabulary.Attributes.Select(ListAttributes.View)],
            [.. vocabulary.Segments.Select(segment => new SelectOption(segment.Key, segment.Title))]);
    }

    private static List<Group> Groups(IFormCollection form, string name)
    {
        var groups = new List<Group>();
        for (var i = 0; i < GroupsMax; i++)
        {
            var rows = new List<Row>();
            for (var j = 0; j < RowsMax; j++)
            {
                var attribute = form[$"{name}-{i}-{j}-attribute"].ToString();
                if (attribute.Length == 0) continue;
                var operation = form[$"{name}-{i}-{j}-operator"].ToString();
                if (!RuleRows.Operators.Contains(operation)) operation = "$eq";
                rows.Add(new(attribute, operation, form[$"{name}-{i}-{j}-value"].ToString()));
            }

            if (rows.Count > 0) groups.Add(new(IsAny(form[$"{name}-{i}-any"]), rows));
        }

        return groups;
    }

    private static bool IsAny(string? value) => value == "any";

    // Browsers send lines with another end than they were given.
    private static string Lines(string? text) => (text ?? "").ReplaceLineEndings("\n");
}

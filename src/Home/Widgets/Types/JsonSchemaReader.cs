using System.Collections.Frozen;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kontor.Home.Widgets.Types;

/// <summary>
/// Reads a schema, and refuses every keyword that would not be honoured: a rule that is silently not kept is worse than none.
/// </summary>
internal static class JsonSchemaReader
{
    private static readonly FrozenSet<string> Types =
        FrozenSet.Create(StringComparer.Ordinal, "object", "array", "string", "boolean", "null", "number", "integer");

    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal, "type", "properties", "required", "additionalProperties", "items", "minItems", "maxItems", "minLength",
        "maxLength", "minimum", "maximum", "enum", "const", "pattern", "format",
        // These say something to people and constrain nothing.
        "$schema", "$id", "title", "description", "examples");

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static JsonSchema Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Strict);
            return Read(document.RootElement, "");
        }
        catch (JsonException exception)
        {
            throw new FormatException("The schema is not JSON, or says something twice.", exception);
        }
    }

    private static JsonSchema Read(JsonElement schema, string at)
    {
        if (schema.ValueKind != JsonValueKind.Object) throw Mistake(at, "is not an object");
        var keywords = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var keyword in schema.EnumerateObject())
        {
            if (!Known.Contains(keyword.Name)) throw Mistake($"{at}/{keyword.Name}", "is not a keyword of the supported subset");
            keywords[keyword.Name] = keyword.Value;
        }

        return new JsonSchema
        {
            Types = TypesOf(keywords, at),
            Properties = PropertiesOf(keywords, at),
            Required = keywords.TryGetValue("required", out var required) ? Texts(required, $"{at}/required") : [],
            AdditionalProperties = AdditionalOf(keywords, at),
            Items = keywords.TryGetValue("items", out var items) ? Read(items, $"{at}/items") : null,
            MinItems = Count(keywords, "minItems", at),
            MaxItems = Count(keywords, "maxItems", at),
            MinLength = Count(keywords, "minLength", at),
            MaxLength = Count(keywords, "maxLength", at),
            Minimum = Number(keywords, "minimum", at),
            Maximum = Number(keywords, "maximum", at),
            Choices = ChoicesOf(keywords, at),
            Pattern = PatternOf(keywords, at),
            IsUriReference = IsUriReference(keywords, at),
        };
    }

    private static IReadOnlyList<string> TypesOf(Dictionary<string, JsonElement> keywords, string at)
    {
        if (!keywords.TryGetValue("type", out var type)) return [];
        IReadOnlyList<string> types = type.ValueKind == JsonValueKind.String ? [type.GetString()!] : Texts(type, $"{at}/type");
        return types.Count > 0 && types.All(Types.Contains) ? types : throw Mistake($"{at}/type", "is not a type");
    }

    private static FrozenDictionary<string, JsonSchema> PropertiesOf(Dictionary<string, JsonElement> keywords, string at)
    {
        if (!keywords.TryGetValue("properties", out var properties)) return FrozenDictionary<string, JsonSchema>.Empty;
        if (properties.ValueKind != JsonValueKind.Object) throw Mistake($"{at}/properties", "is not an object");
        return properties.EnumerateObject().ToFrozenDictionary(
            property => property.Name, property => Read(property.Value, $"{at}/properties/{property.Name}"), StringComparer.Ordinal);
    }

    private static JsonSchema? AdditionalOf(Dictionary<string, JsonElement> keywords, string at) =>
        !keywords.TryGetValue("additionalProperties", out var additional) ? null : additional.ValueKind switch
        {
            JsonValueKind.True => null,
            JsonValueKind.False => JsonSchema.Never,
            _ => Read(additional, $"{at}/additionalProperties"),
        };

    private static List<JsonElement>? ChoicesOf(Dictionary<string, JsonElement> keywords, string at)
    {
        // The document that was read is thrown away; what stays is a copy.
        if (keywords.TryGetValue("const", out var only))
            return keywords.ContainsKey("enum") ? throw Mistake($"{at}/const", "does not go with enum") : [only.Clone()];
        if (!keywords.TryGetValue("enum", out var choices)) return null;
        return choices.ValueKind == JsonValueKind.Array
            ? [.. choices.EnumerateArray().Select(choice => choice.Clone())]
            : throw Mistake($"{at}/enum", "is not an array");
    }

    private static Regex? PatternOf(Dictionary<string, JsonElement> keywords, string at)
    {
        if (!keywords.TryGetValue("pattern", out var pattern)) return null;
        if (pattern.ValueKind != JsonValueKind.String) throw Mistake($"{at}/pattern", "is not a text");
        try
        {
            return new Regex(WithStrictEnd(pattern.GetString()!), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw Mistake($"{at}/pattern", "is not a pattern that can be matched without backtracking");
        }
    }

    private static bool IsUriReference(Dictionary<string, JsonElement> keywords, string at)
    {
        if (!keywords.TryGetValue("format", out var format)) return false;
        var isIt = format.ValueKind == JsonValueKind.String && format.ValueEquals("uri-reference");
        return isIt ? true : throw Mistake($"{at}/format", "is not uri-reference, the only one supported");
    }

    /// <summary>In a schema `$` is the end of the text; to .NET it is also the place before a last line break.</summary>
    private static string WithStrictEnd(string pattern)
    {
        var strict = new StringBuilder();
        var inClass = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                strict.Append(pattern[i++]).Append(pattern[i]);
                continue;
            }

            if (pattern[i] is '[' or ']') inClass = pattern[i] == '[';
            if (pattern[i] == '$' && !inClass) strict.Append("\\z");
            else strict.Append(pattern[i]);
        }

        return strict.ToString();
    }

    private static int? Count(Dictionary<string, JsonElement> keywords, string keyword, string at) =>
        !keywords.TryGetValue(keyword, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0 ? count
        : throw Mistake($"{at}/{keyword}", "is not a whole number of at least 0");

    private static decimal? Number(Dictionary<string, JsonElement> keywords, string keyword, string at) =>
        !keywords.TryGetValue(keyword, out var value) ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) ? number
        : throw Mistake($"{at}/{keyword}", "is not a number");

    private static List<string> Texts(JsonElement array, string at) =>
        array.ValueKind == JsonValueKind.Array && array.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. array.EnumerateArray().Select(item => item.GetString()!)]
            : throw Mistake(at, "is not an array of texts");

    private static FormatException Mistake(string at, string what) => new($"The schema's {(at.Length == 0 ? "root" : at)} {what}.");
}

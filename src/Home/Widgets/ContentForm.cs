using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Kontor.Home.Widgets;

public enum ContentKind
{
    Text,
    LongText,
    Address,
    Number,
    Flag,
    Choice,
    Group,
    List,
}

/// <summary>One place of a widget's content, as a form asks for it.</summary>
/// <param name="Pointer">Where it is in the content: a JSON Pointer, by which the type's schema names what is wrong too.</param>
/// <param name="Label">In English.</param>
public sealed record ContentField(ContentKind Kind, string Pointer, string Label, bool IsRequired)
{
    public string? Hint { get; init; }

    public string? Value { get; init; }

    public int? MaxLength { get; init; }

    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Of a group its members, of a list its entries.</summary>
    public IReadOnlyList<ContentField> Parts { get; init; } = [];

    /// <summary>A list that may have one entry more.</summary>
    public bool CanGrow { get; init; }
}

/// <summary>
/// A form for what a type's JSON Schema describes, where it is simple: texts, numbers, choices, groups and lists of them. What a form
/// cannot ask is written as JSON. Whether it is valid is for the schema alone to say.
/// </summary>
internal static class ContentForm
{
    private const int DepthMax = 4;
    private const int EntriesMax = 200;
    private const int LongTextFrom = 250;

    /// <summary>Null when the schema, or this content of it, is more than a form can show.</summary>
    public static ContentField? Of(JsonElement schema, JsonNode? content) => Field(schema, content, "", "", true, DepthMax);

    /// <summary>What was typed, as JSON; what was left empty is left out.</summary>
    /// <param name="prefix">Before each pointer in the names of the form's fields.</param>
    /// <param name="keepsBlank">An entry of a list of which nothing was typed yet stays.</param>
    public static JsonNode Read(JsonElement schema, IFormCollection form, string prefix, bool keepsBlank) =>
        ReadPlace(schema, form, prefix, keepsBlank) ?? new JsonObject();

    /// <summary>What the buttons beside lists do: `add /items`, `remove /items/2`, `up /items/2`.</summary>
    /// <returns>False when it is none of them.</returns>
    public static bool Apply(JsonNode content, string command)
    {
        if (command.Split(' ') is not [var verb and ("add" or "remove" or "up"), ['/', ..] pointer]) return false;
        var steps = pointer[1..].Split('/');
        var place = verb == "add" ? pointer : pointer[..pointer.LastIndexOf('/')];
        if (At(content, place, isMade: verb == "add") is not JsonArray list) return true;
        if (verb == "add")
        {
            list.Add((JsonNode?)null);
            return true;
        }

        if (!int.TryParse(steps[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at >= list.Count) return true;
        var entry = list[at];
        list.RemoveAt(at);
        if (verb == "up") list.Insert(Math.Max(0, at - 1), entry);
        return true;
    }

    private static JsonNode? At(JsonNode content, string pointer, bool isMade)
    {
        var node = content;
        var steps = pointer.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < steps.Length && node is not null; i++)
        {
            if (node is JsonArray list)
            {
                var isPlace = int.TryParse(steps[i], NumberStyles.None, CultureInfo.InvariantCulture, out var at) && at < list.Count;
                node = isPlace ? list[at] : null;
                continue;
            }

            if (node is not JsonObject group) return null;
            if (isMade && i == steps.Length - 1 && group[steps[i]] is null) group[steps[i]] = new JsonArray();
            node = group[steps[i]];
        }

        return node;
    }

    private static ContentField? Field(JsonElement schema, JsonNode? value, string pointer, string name, bool isRequired, int depth)
    {
        if (depth == 0 || KindOf(schema) is not { } kind) return null;
        var field = new ContentField(kind, pointer, Text(schema, "title") ?? Words(name), isRequired)
        {
            Hint = pointer.Length == 0 ? null : Text(schema, "description"),
            MaxLength = Number(schema, "maxLength"),
        };
        return kind switch
        {
            ContentKind.Group => Group(field, schema, value, depth),
            ContentKind.List => List(field, schema, value, depth),
            ContentKind.Choice => field with { Value = Said(value), Choices = Choices(schema) },
            _ => value is null or JsonValue ? field with { Value = Said(value) } : null,
        };
    }

    private static ContentField? Group(ContentField field, JsonElement schema, JsonNode? value, int depth)
    {
        if (value is not (null or JsonObject)) return null;
        var content = value as JsonObject;
        var names = schema.GetProperty("properties").EnumerateObject().Select(one => one.Name).ToHashSet(StringComparer.Ordinal);
        // A form that did not show it would lose it.
        if (content is not null && content.Any(member => !names.Contains(member.Key))) return null;
        var parts = schema.GetProperty("properties").EnumerateObject().Select(one => Field(
            one.Value, content?[one.Name], $"{field.Pointer}/{one.Name}", one.Name, IsRequired(schema, one.Name), depth - 1)).ToList();
        return parts.Contains(null) ? null : field with { Parts = parts! };
    }

    private static ContentField? List(ContentField field, JsonElement schema, JsonNode? value, int depth)
    {
        if (value is not (null or JsonArray)) return null;
        var entries = (value as JsonArray ?? []).ToList();
        // There is always one to begin with, where there has to be one.
        if (entries.Count == 0 && field.IsRequired) entries.Add(null);
        var item = schema.GetProperty("items");
        if (Field(item, null, "", field.Label, false, depth - 1) is null) return null;
        var parts = entries.Select((entry, i) => Field(
            item, entry, string.Create(CultureInfo.InvariantCulture, $"{field.Pointer}/{i}"), "", true, depth - 1)).ToList();
        if (parts.Contains(null)) return null;
        return field with { Parts = parts!, CanGrow = entries.Count < (Number(schema, "maxItems") ?? EntriesMax) };
    }

    private static JsonNode? ReadPlace(JsonElement schema, IFormCollection form, string at, bool keepsBlank)
    {
        switch (KindOf(schema))
        {
            case ContentKind.Group:
                var group = new JsonObject();
                foreach (var member in schema.GetProperty("properties").EnumerateObject())
                {
                    if (ReadPlace(member.Value, form, $"{at}/{member.Name}", keepsBlank) is { } read) group[member.Name] = read;
                }

                return group.Count == 0 ? null : group;
            case ContentKind.List:
                var entries = Entries(form, at).Select(i => ReadPlace(schema.GetProperty("items"), form, $"{at}/{i}", keepsBlank));
                var list = new JsonArray([.. entries.Where(entry => keepsBlank || entry is not null)]);
                return list.Count > 0 ? list : null;
            case ContentKind.Number:
                var typed = form[at].ToString().Trim();
                if (typed.Length == 0) return null;
                // What is no number stays what was typed, and the schema says so.
                return decimal.TryParse(typed, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : typed;
            case ContentKind.Flag:
                return form[at].ToString() switch { "true" => true, "false" => false, _ => null };
            default:
                var text = form[at].ToString().ReplaceLineEndings("\n");
                return string.IsNullOrWhiteSpace(text) ? null : text;
        }
    }

    private static IEnumerable<int> Entries(IFormCollection form, string at) => form.Keys
        .Where(key => key.Length > at.Length + 1 && key.StartsWith(at, StringComparison.Ordinal) && key[at.Length] == '/')
        .Select(key => key[(at.Length + 1)..].Split('/')[0])
        .Select(step => int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var i) ? i : -1)
        .Where(i => i >= 0).Distinct().Order().Take(EntriesMax);

    private static ContentKind? KindOf(JsonElement schema)
    {
        if (schema.ValueKind != JsonValueKind.Object) return null;
        if (schema.TryGetProperty("enum", out var choices))
            return choices.EnumerateArray().All(choice => choice.ValueKind == JsonValueKind.String) ? ContentKind.Choice : null;
        return Text(schema, "type") switch
        {
            "string" when Text(schema, "format") == "uri-reference" => ContentKind.Address,
            // What has to match a pattern is a word rather than a text.
            "string" when Number(schema, "maxLength") is null => Text(schema, "pattern") is null ? ContentKind.LongText : ContentKind.Text,
            "string" => Number(schema, "maxLength") >= LongTextFrom ? ContentKind.LongText : ContentKind.Text,
            "number" or "integer" => ContentKind.Number,
            "boolean" => ContentKind.Flag,
            "object" => schema.TryGetProperty("properties", out _) ? ContentKind.Group : null,
            "array" => schema.TryGetProperty("items", out _) ? ContentKind.List : null,
            _ => null,
        };
    }

    private static bool IsRequired(JsonElement schema, string name) =>
        schema.TryGetProperty("required", out var required) && required.EnumerateArray().Any(one => one.ValueEquals(name));

    private static List<string> Choices(JsonElement schema) =>
        [.. schema.GetProperty("enum").EnumerateArray().Select(choice => choice.GetString()!)];

    private static string? Said(JsonNode? value) => value switch
    {
        null => null,
        JsonValue text when text.GetValueKind() == JsonValueKind.String => text.GetValue<string>(),
        _ => value.ToJsonString(),
    };

    private static string? Text(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var value) && value.TryGetInt32(out var number) ? number : null;

    /// <summary>`previousPrice` is "Previous price".</summary>
    private static string Words(string name) => name.Length == 0 ? "" : char.ToUpperInvariant(name[0]) + string.Concat(
        name[1..].Select(letter => char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : letter == '-' ? " " : letter.ToString()));
}

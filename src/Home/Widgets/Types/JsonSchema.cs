using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kontor.Home.Widgets.Types;

/// <summary>One reason why a value breaks its schema.</summary>
/// <param name="Pointer">Where, as a JSON Pointer (RFC 6901): `/items/0/href`; empty for the whole value.</param>
internal sealed record SchemaError(string Pointer, string Reason);

/// <summary>
/// The part of JSON Schema (draft 2020-12) that widget types are written in; `docs/home.md` lists its keywords. Checking takes time in
/// proportion to the value: patterns do not backtrack, and there are no references that could lead in a circle.
/// </summary>
internal sealed class JsonSchema
{
    /// <summary>Enough to repair a payload by, and not more than a log line or an answer should carry.</summary>
    private const int ErrorsMax = 100;

    /// <summary>The schema `false`, which nothing satisfies.</summary>
    public static readonly JsonSchema Never = new() { IsNever = true };

    public bool IsNever { get; private init; }

    public IReadOnlyList<string> Types { get; init; } = [];

    public FrozenDictionary<string, JsonSchema> Properties { get; init; } = FrozenDictionary<string, JsonSchema>.Empty;

    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>Null when other properties may hold anything.</summary>
    public JsonSchema? AdditionalProperties { get; init; }

    public JsonSchema? Items { get; init; }

    public int? MinItems { get; init; }

    public int? MaxItems { get; init; }

    /// <summary>Lengths are in Unicode code points.</summary>
    public int? MinLength { get; init; }

    public int? MaxLength { get; init; }

    public decimal? Minimum { get; init; }

    public decimal? Maximum { get; init; }

    /// <summary>A constant is a choice of one.</summary>
    public IReadOnlyList<JsonElement>? Choices { get; init; }

    public Regex? Pattern { get; init; }

    public bool IsUriReference { get; init; }

    /// <summary>Throws a <see cref="FormatException"/> that names the place and the mistake.</summary>
    public static JsonSchema Parse(string text) => JsonSchemaReader.Read(text);

    /// <summary>The reasons why the value is refused, at most 100; none when it is valid.</summary>
    public IReadOnlyList<SchemaError> Validate(JsonElement value)
    {
        var errors = new List<SchemaError>();
        try
        {
            Check(value, "", errors);
        }
        catch (InvalidOperationException)
        {
            // How the JSON reader says, at the first look at a text, that it has half of a surrogate pair.
            errors.Add(new SchemaError("", "has text that is not valid Unicode"));
        }

        return errors.Count <= ErrorsMax ? errors : errors.GetRange(0, ErrorsMax);
    }

    private void Check(JsonElement value, string at, List<SchemaError> errors)
    {
        if (errors.Count >= ErrorsMax) return;
        if (IsNever)
        {
            errors.Add(new SchemaError(at, "is not known here"));
            return;
        }

        if (Types.Count > 0 && !Types.Any(type => Is(value, type)))
        {
            errors.Add(new SchemaError(at, $"is not of type {string.Join(" or ", Types)}"));
            return;
        }

        if (Choices is not null && !Choices.Any(choice => JsonElement.DeepEquals(choice, value)))
            errors.Add(new SchemaError(at, $"is none of {string.Join(", ", Choices.Select(choice => choice.GetRawText()))}"));
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                CheckObject(value, at, errors);
                break;
            case JsonValueKind.Array:
                CheckArray(value, at, errors);
                break;
            case JsonValueKind.String:
                CheckText(value.GetString()!, at, errors);
                break;
            case JsonValueKind.Number:
                CheckNumber(value, at, errors);
                break;
        }
    }

    private void CheckObject(JsonElement value, string at, List<SchemaError> errors)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            var there = $"{at}/{Escape(property.Name)}";
            // Readers differ in which of two they take, so a second could pass unseen.
            if (!seen.Add(property.Name)) errors.Add(new SchemaError(there, "is there twice"));
            if (Properties.TryGetValue(property.Name, out var known)) known.Check(property.Value, there, errors);
            else AdditionalProperties?.Check(property.Value, there, errors);
        }

        foreach (var name in Required)
        {
            if (!seen.Contains(name)) errors.Add(new SchemaError($"{at}/{Escape(name)}", "is missing"));
        }
    }

    private void CheckArray(JsonElement value, string at, List<SchemaError> errors)
    {
        var count = value.GetArrayLength();
        if (count < MinItems) errors.Add(new SchemaError(at, $"has {count} items, fewer than {MinItems}"));
        if (count > MaxItems) errors.Add(new SchemaError(at, $"has {count} items, more than {MaxItems}"));
        if (Items is null) return;
        var i = 0;
        foreach (var item in value.EnumerateArray()) Items.Check(item, string.Create(CultureInfo.InvariantCulture, $"{at}/{i++}"), errors);
    }

    private void CheckText(string text, string at, List<SchemaError> errors)
    {
        var length = MinLength is null && MaxLength is null ? 0 : text.EnumerateRunes().Count();
        if (length < MinLength) errors.Add(new SchemaError(at, $"is shorter than {MinLength} characters"));
        if (length > MaxLength) errors.Add(new SchemaError(at, $"is longer than {MaxLength} characters"));
        if (Pattern is not null && !Pattern.IsMatch(text)) errors.Add(new SchemaError(at, "does not match the pattern"));
        if (IsUriReference && !UriReference.IsValid(text)) errors.Add(new SchemaError(at, "is not a URI reference"));
    }

    private void CheckNumber(JsonElement value, string at, List<SchemaError> errors)
    {
        if (!value.TryGetDecimal(out var number))
        {
            // Whoever shows it could not hold it either.
            errors.Add(new SchemaError(at, "is a number out of range"));
            return;
        }

        if (number < Minimum) errors.Add(new SchemaError(at, string.Create(CultureInfo.InvariantCulture, $"is less than {Minimum}")));
        if (number > Maximum) errors.Add(new SchemaError(at, string.Create(CultureInfo.InvariantCulture, $"is more than {Maximum}")));
    }

    private static bool Is(JsonElement value, string type) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "number" => value.ValueKind == JsonValueKind.Number,
        // 1.0 is an integer: what counts is the number, not how it is written.
        _ => value.ValueKind == JsonValueKind.Number && (!value.TryGetDecimal(out var number) || decimal.IsInteger(number)),
    };

    private static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}

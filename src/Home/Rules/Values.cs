using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Kontor.Home.Rules;

/// <summary>
/// How values of attributes compare. The dialect was born in JavaScript and keeps its conversions: `"8"` is less than `10`, and a missing
/// number counts as 0. Every function answers for every value.
/// </summary>
internal static partial class Values
{
    public static readonly JsonElement Null = JsonElement.Parse("null");
    public static readonly JsonElement True = JsonElement.Parse("true");
    public static readonly JsonElement False = JsonElement.Parse("false");

    /// <summary>Equality without a conversion; lists and objects are equal when everything in them is.</summary>
    public static bool Same(JsonElement a, JsonElement b) => a.ValueKind == b.ValueKind && a.ValueKind switch
    {
        JsonValueKind.String => a.ValueEquals(b.GetString()),
        JsonValueKind.Number => Number(a) == Number(b),
        JsonValueKind.Array or JsonValueKind.Object => JsonElement.DeepEquals(a, b),
        _ => true,
    };

    /// <summary>What `{"attribute": value}` means: equality after converting to the type of the expected value.</summary>
    public static bool Equal(JsonElement seen, JsonElement expected, bool ignoreCase) => expected.ValueKind switch
    {
        JsonValueKind.String => string.Equals(Text(seen), expected.GetString(), Comparison(ignoreCase)),
        JsonValueKind.Number => Number(seen) == Number(expected),
        JsonValueKind.True => seen.ValueKind != JsonValueKind.Null && IsTrue(seen),
        JsonValueKind.False => seen.ValueKind != JsonValueKind.Null && !IsTrue(seen),
        _ => Same(seen, expected),
    };

    /// <summary>Negative, zero or positive; null when there is no order. Texts compare by UTF-16 units, all else as numbers.</summary>
    public static int? Compare(JsonElement a, JsonElement b)
    {
        if (a.ValueKind == JsonValueKind.String && b.ValueKind == JsonValueKind.String)
            return string.CompareOrdinal(a.GetString(), b.GetString());
        var (left, right) = (Number(a), Number(b));
        return double.IsNaN(left) || double.IsNaN(right) ? null : left.CompareTo(right);
    }

    /// <summary>Whether the value, or one of its elements when it is a list, is among <paramref name="options"/>.</summary>
    public static bool IsAmong(JsonElement seen, JsonElement options, bool ignoreCase) =>
        seen.ValueKind == JsonValueKind.Array
            ? seen.EnumerateArray().Any(element => Contains(options, element, ignoreCase))
            : Contains(options, seen, ignoreCase);

    private static bool Contains(JsonElement options, JsonElement value, bool ignoreCase)
    {
        foreach (var option in options.EnumerateArray())
        {
            var same = ignoreCase && option.ValueKind == JsonValueKind.String && value.ValueKind == JsonValueKind.String
                ? string.Equals(option.GetString(), value.GetString(), Comparison(ignoreCase))
                : Same(option, value);
            if (same) return true;
        }

        return false;
    }

    public static string TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Array => "array",
        JsonValueKind.Object => "object",
        _ => "null",
    };

    public static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Number => Number(value).ToString(CultureInfo.InvariantCulture),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Array => string.Join(',', value.EnumerateArray().Select(Text)),
        JsonValueKind.Object => "[object Object]",
        _ => "null",
    };

    private static double Number(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.String => Number(value.GetString()!.Trim()),
        JsonValueKind.True => 1,
        JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => 0,
        _ => double.NaN,
    };

    private static double Number(string text)
    {
        if (text.Length == 0) return 0;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : double.NaN;
    }

    public static bool IsTrue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => !value.ValueEquals(""),
        JsonValueKind.Number => Number(value) != 0,
        JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => false,
        _ => true,
    };

    /// <summary>
    /// A version as a text whose order is the versions' order: numbers are padded, a release sorts after its previews, a leading `v` and
    /// what follows a `+` count for nothing.
    /// </summary>
    public static string VersionKey(JsonElement version)
    {
        var text = version.ValueKind switch
        {
            JsonValueKind.Number => Text(version),
            JsonValueKind.String when !version.ValueEquals("") => version.GetString()!,
            _ => "0",
        };
        var parts = NoVersion().Replace(text, "").Split('.', '-').ToList();
        if (parts.Count == 3) parts.Add("~");
        return string.Join('-', parts.Select(part => part.Length > 0 && part.All(char.IsAsciiDigit) ? part.PadLeft(5) : part));
    }

    private static StringComparison Comparison(bool ignoreCase) =>
        ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    [GeneratedRegex(@"^v|\+.*$", RegexOptions.CultureInvariant)]
    private static partial Regex NoVersion();
}

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Foundation.Seams;
using Kontor.Sync.Pull;

namespace Kontor.Sync.Push;

/// <summary>
/// Repairs what a device holds and the server cannot store as it is: values as `sanitizedRaw` of the client does (src/RawRecord/index.js in
/// @nozbe/watermelondb), halves of characters, which JavaScript leaves where it cuts a text in two, and NUL, which not every database
/// takes.
/// </summary>
internal static partial class Repair
{
    /// <summary>
    /// A value of the wrong type is null where the column may be null, else its type's empty value; 1 and 0 are true and false.
    /// Numbers are whole here: a fraction is rounded, and what JavaScript itself could not count exactly is no number.
    /// </summary>
    public static object? Value(JsonElement value, SyncColumn column) => column.Type switch
    {
        SyncType.Text => value.ValueKind == JsonValueKind.String
            ? value.GetString()!.Replace('\0', '\uFFFD')
            : column.Nullable ? null : "",
        SyncType.Number => Number(value) ?? (column.Nullable ? null : 0L),
        _ => Flag(value) ?? (column.Nullable ? null : false),
    };

    /// <summary>
    /// The body with every half of a surrogate pair replaced by U+FFFD, as any encoder to UTF-8 does with them. They come as
    /// escapes, `\ud83d`; an escaped backslash before them is passed over together with what it escapes.
    /// </summary>
    public static byte[] Surrogates(byte[] body) => body.AsSpan().IndexOf("\\ud"u8) < 0 && body.AsSpan().IndexOf("\\uD"u8) < 0
        ? body
        : Encoding.UTF8.GetBytes(Escapes().Replace(
            Encoding.UTF8.GetString(body), match => match.Groups["half"].Success ? "\\ufffd" : match.Value));

    private static object? Number(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Number) return null;
        if (!value.TryGetInt64(out var whole))
        {
            var number = Math.Round(value.GetDouble(), MidpointRounding.AwayFromZero);
            if (double.IsNaN(number) || Math.Abs(number) > PullQuery.VersionMax) return null;
            whole = (long)number;
        }

        return whole is >= -PullQuery.VersionMax and <= PullQuery.VersionMax ? whole : null;
    }

    private static object? Flag(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when value.GetDouble() is var number && number is 0 or 1 => number == 1,
        _ => null,
    };

    [GeneratedRegex(
        """\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)""",
        RegexOptions.Singleline)]
    private static partial Regex Escapes();
}

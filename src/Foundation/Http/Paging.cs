using System.Text;

namespace Kontor.Foundation.Http;

/// <summary>`?limit=` and `?cursor=`: a cursor is the sort key of the last row seen, opaque to the client.</summary>
public static class Paging
{
    public const int LimitDefault = 50;
    public const int LimitMax = 200;

    public static readonly Problem CursorInvalid = new(400, "cursor-invalid", "The cursor is not one that this list gave.");

    public static int Limit(int? asked) => Math.Clamp(asked ?? LimitDefault, 1, LimitMax);

    public static string Encode(params ReadOnlySpan<string> key) =>
        Convert.ToBase64String(Encoding.UTF8.GetBytes(string.Join('\n', key!))).Replace('+', '-').Replace('/', '_').TrimEnd('=');

    /// <summary>Null when it is not a cursor with this many parts.</summary>
    public static string[]? Decode(string cursor, int parts)
    {
        var padded = cursor.Replace('-', '+').Replace('_', '/').PadRight((cursor.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        if (!Convert.TryFromBase64String(padded, bytes, out var length)) return null;
        var key = Encoding.UTF8.GetString(bytes, 0, length).Split('\n');
        return key.Length == parts && !key.Any(part => part.Contains('\0', StringComparison.Ordinal)) ? key : null;
    }
}

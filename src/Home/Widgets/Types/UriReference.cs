using System.Buffers;

namespace Kontor.Home.Widgets.Types;

/// <summary>RFC 3986: an address, whole or relative. Stricter than browsers, which drop tabs and take `\` for `/`.</summary>
internal static class UriReference
{
    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\"<>\\^`{|}");

    public static bool IsValid(string text) =>
        !text.AsSpan().ContainsAny(Forbidden)
        && !text.Any(c => c <= ' ' || char.IsControl(c) || char.IsWhiteSpace(c))
        && Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out _);
}

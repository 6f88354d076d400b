namespace Kontor.Sync.History;

/// <summary>A text's beginning, where phones may have sent any length of it.</summary>
internal static class Clipped
{
    /// <summary>Not through the middle of a character that takes two places.</summary>
    public static string To(int lengthMax, string text) => text.Length <= lengthMax
        ? text
        : $"{text[..(char.IsHighSurrogate(text[lengthMax - 1]) ? lengthMax - 1 : lengthMax)]}…";
}

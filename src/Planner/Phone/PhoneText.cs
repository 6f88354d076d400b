namespace Kontor.Planner.Phone;

/// <summary>Phones send texts of any length, and what shows them has only so much room.</summary>
internal static class PhoneText
{
    /// <summary>Null when there is nothing to read.</summary>
    public static string? Clip(string? text, int lengthMax)
    {
        if (string.IsNullOrWhiteSpace(text)) return null;
        if (text.Length <= lengthMax) return text;
        // Not through the middle of a character that takes two places.
        var end = char.IsHighSurrogate(text[lengthMax - 2]) ? lengthMax - 2 : lengthMax - 1;
        return $"{text[..end]}…";
    }
}

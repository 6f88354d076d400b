namespace Kontor.Ui;

/// <param name="Text">What the visitor reads, translated.</param>
public sealed record SelectOption(string Value, string Text)
{
    /// <summary>More about it, where all options are seen at once; translated.</summary>
    public string? Hint { get; init; }
}

namespace Kontor.Ui;

/// <param name="Text">What the visitor reads, translated.</param>
public sealed record SelectOption(string Value, string Text);

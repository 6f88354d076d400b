namespace Kontor.Ui;

/// <summary>
/// What a letter says, in the order in which it says it; <see cref="Letters"/> adds the greeting, the layout and the footer. Texts are
/// plain text.
/// </summary>
public sealed record LetterContent
{
    public required string Subject { get; init; }

    public required IReadOnlyList<string> Paragraphs { get; init; }

    /// <summary>For instance the lines of an order.</summary>
    public LetterTable? Table { get; init; }

    public LetterLink? Link { get; init; }

    /// <summary>Paragraphs below the table and the link.</summary>
    public IReadOnlyList<string> Closing { get; init; } = [];

    /// <summary>Why this person gets it, in small print.</summary>
    public string? Reason { get; init; }
}

/// <param name="Text">What the button says.</param>
/// <param name="Path">Of this server, beginning with `/`.</param>
public sealed record LetterLink(string Text, string Path);

public sealed record LetterTable(IReadOnlyList<LetterRow> Rows);

/// <param name="Text">On the left.</param>
/// <param name="Value">On the right; amounts and figures.</param>
/// <param name="IsTotal">Stands below a line, in bold.</param>
public sealed record LetterRow(string Text, string Value, bool IsTotal = false);

using Kontor.Foundation;

namespace Kontor.Mail.Mailbox;

/// <summary>How far a letter has come.</summary>
public enum LetterState
{
    /// <summary>There is no mail server; it is shown here and goes nowhere.</summary>
    Kept,

    /// <summary>The mail server has not taken it yet.</summary>
    Waiting,

    /// <summary>The mail server has taken it.</summary>
    Sent,

    /// <summary>The mail server refused it, or did not answer for two days; an admin may have it tried again.</summary>
    Failed,
}

/// <summary>A letter as it lies in the mailbox. Times are milliseconds since 1970.</summary>
internal sealed record StoredLetter(
    string Id, string ToAddress, string ToName, string Language, string Subject, string Text, string Html, bool IsSecret,
    string State, long Attempts, string? LastError, long CreatedAt, long? SentAt)
{
    public static readonly Problem Unknown = new(404, "not-found", "There is no such e-mail.");

    public LetterState LetterState => Enum.Parse<LetterState>(State, ignoreCase: true);

    /// <summary>A letter that acts in somebody's name is nobody else's to read, where it reaches him.</summary>
    public bool IsShown => !IsSecret || LetterState == LetterState.Kept;
}

using Kontor.Foundation.Data;

namespace Kontor.Foundation.Seams;

/// <summary>
/// Sends letters. A letter is posted in the transaction that it tells of, so it leaves if and only if that is committed: at least once,
/// however slow or dead the mail server is at the time.
/// </summary>
public interface IMailer
{
    /// <returns>False when a letter with this key was posted before, and so this one was not.</returns>
    ValueTask<bool> Post(Tx tx, Letter letter);
}

/// <summary>One mail to one person, written out: `Kontor.Ui.Letters` makes it from a few words.</summary>
/// <param name="Subject">One line; control characters become spaces.</param>
/// <param name="Text">The whole letter as plain text.</param>
/// <param name="Html">The same as an HTML document.</param>
public sealed record Letter(Recipient To, string Subject, string Text, string Html)
{
    /// <summary>
    /// A letter whose key was posted before is not posted again, so that an event's handler may run twice: the event's id and what the
    /// letter is. At most 200 characters; null for a letter that stands for itself.
    /// </summary>
    public string? Key { get; init; }

    /// <summary>
    /// It holds a link or a code that acts in its recipient's name. Once a mail server has taken it, only its envelope is kept, and nobody
    /// else can read it.
    /// </summary>
    public bool IsSecret { get; init; }
}

/// <param name="Address">What is no address of one mailbox is never sent to, and shown as failed.</param>
/// <param name="Name">May be empty. Leave it empty where the address may be a stranger's, for names can be advertisements.</param>
/// <param name="Language">`en` or `de`.</param>
/// <param name="UserId">Whose letter it is, for export and erasure; null for a guest.</param>
public sealed record Recipient(string Address, string Name, string Language, string? UserId = null);

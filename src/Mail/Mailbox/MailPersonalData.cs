using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Mail.Mailbox;

/// <summary>The letters to a person, also those to their address before they had an account.</summary>
internal sealed class MailPersonalData(Database database) : IPersonalData
{
    private const int RowsAtOnce = 1000;

    private sealed record Sent(string Id, string ToAddress, string Subject, string Text, string State, long CreatedAt);

    public string Name => "mail";

    public string? Stores => "The letters that we sent you in the last 30 days.";

    public Task Export(DataSubject person, ExportWriter export, CancellationToken ct) => export.List<Sent, object>(
        "letters",
        (tx, last) => tx.Query<Sent>($"""
            SELECT id, to_address, subject, text, state, created_at FROM mail_letters
            WHERE (user_id = @userId OR lower(to_address) = @email) AND id > @after
            ORDER BY id
            LIMIT {ExportWriter.PageRows}
            """, new { userId = person.UserId, email = person.Email, after = last?.Id ?? "" }),
        one => new { to = one.ToAddress, one.Subject, one.Text, one.State, createdAt = one.CreatedAt.ToTime() },
        ct);

    public async Task Erase(DataSubject person, CancellationToken ct)
    {
        int deleted;
        do
        {
            deleted = await database.Write(tx => tx.Execute($"""
                DELETE FROM mail_letters
                WHERE id IN (
                    SELECT id FROM mail_letters
                    WHERE user_id = @userId OR lower(to_address) = @email
                    LIMIT {RowsAtOnce})
                """, new { userId = person.UserId, email = person.Email }).AsTask(), ct);
        }
        while (deleted == RowsAtOnce);
    }
}

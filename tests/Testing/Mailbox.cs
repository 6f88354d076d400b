using System.Text.RegularExpressions;

namespace Kontor.Testing;

/// <summary>A mail that was sent, as it lies in the mailbox.</summary>
public sealed record SentMail(string Id, string ToAddress, string ToName, string Language, string Subject, string Text, string Html)
{
    /// <summary>What is behind `?token=` of its link.</summary>
    public string Token => Regex.Match(Text, @"\?token=(?<token>\S+)").Groups["token"].Value;
}

/// <summary>The mails that people got.</summary>
public static class Mailbox
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Waits for the mail to somebody that has this in its subject: the first, or a later one.</summary>
    public static async Task<SentMail> MailTo(this KontorApp app, string address, string subject, int count = 1)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var mails = (await Read(app, address)).FindAll(mail => mail.Subject.Contains(subject, StringComparison.Ordinal));
            if (mails.Count >= count) return mails[count - 1];
            await Task.Delay(20, patience.Token);
        }
    }

    /// <summary>All mails to somebody, the oldest first, once every event that happened so far was handled.</summary>
    public static async Task<List<SentMail>> MailsTo(this KontorApp app, string address)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await app.Database.Read(tx => tx.First<bool>(
            "SELECT EXISTS (SELECT 1 FROM foundation_deliveries WHERE is_dead = false)").AsTask(), patience.Token))
            await Task.Delay(20, patience.Token);
        return await Read(app, address);
    }

    private static Task<List<SentMail>> Read(KontorApp app, string address) => app.Database.Read(tx => tx.Query<SentMail>("""
        SELECT id, to_address, to_name, language, subject, text, html FROM mail_letters
        WHERE to_address = @address
        ORDER BY id
        """, new { address }).AsTask());
}

using System.Net;
using System.Net.Mail;
using System.Net.Mime;
using System.Text;
using Kontor.Foundation.Http;
using Kontor.Mail.Mailbox;
using Microsoft.Extensions.Options;

namespace Kontor.Mail.Delivery;

/// <summary>Gives one letter to the mail server, in a connection of its own.</summary>
internal sealed class Smtp(IOptions<MailOptions> options, PublicUrl url)
{
    /// <exception cref="SmtpException">The server did not take it.</exception>
    /// <exception cref="FormatException">The recipient's address is none.</exception>
    /// <exception cref="OperationCanceledException">It took too long.</exception>
    public async Task Send(StoredLetter letter, CancellationToken ct)
    {
        var server = options.Value.Server ?? throw new InvalidOperationException("There is no mail server.");
        using var message = MessageOf(letter);
        using var client = new SmtpClient(server.Host, server.Port) { EnableSsl = server.Tls, UseDefaultCredentials = false };
        client.DeliveryFormat = SmtpDeliveryFormat.International;
        if (server.User is not null) client.Credentials = new NetworkCredential(server.User, server.Password);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(options.Value.SendSeconds));
        // The client does not heed its token in every state, so it is not waited for either.
        await client.SendMailAsync(message, patience.Token).WaitAsync(patience.Token);
    }

    private MailMessage MessageOf(StoredLetter letter)
    {
        var from = Sender();
        var message = new MailMessage
        {
            From = from,
            Subject = letter.Subject,
            SubjectEncoding = Encoding.UTF8,
            HeadersEncoding = Encoding.UTF8,
            Body = letter.Text,
            BodyEncoding = Encoding.UTF8,
            BodyTransferEncoding = TransferEncoding.QuotedPrintable,
        };
        message.To.Add(RecipientOf(letter));
        // The same each time, so that a letter that has to be sent twice is seen once.
        message.Headers.Add("Message-ID", $"<{letter.Id}@{from.Host}>");
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Headers.Add("Content-Language", letter.Language);
        var html = AlternateView.CreateAlternateViewFromString(letter.Html, Encoding.UTF8, MediaTypeNames.Text.Html);
        html.TransferEncoding = TransferEncoding.QuotedPrintable;
        message.AlternateViews.Add(html);
        return message;
    }

    /// <summary>The framework takes the last of several addresses, and what stands in angle brackets; here that is no address.</summary>
    private static MailAddress RecipientOf(StoredLetter letter)
    {
        var recipient = new MailAddress(letter.ToAddress, letter.ToName, Encoding.UTF8);
        return recipient.Address == letter.ToAddress ? recipient : throw new FormatException("This is no address of one mailbox.");
    }

    private MailAddress Sender()
    {
        if (options.Value.From is { } from) return new(from);
        var origin = url.Origin;
        var host = origin.HostNameType == UriHostNameType.Dns && origin.Host != "localhost" ? origin.IdnHost : "kontor.example";
        return new($"no-reply@{host}", "Kontor");
    }
}

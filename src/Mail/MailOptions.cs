using System.ComponentModel.DataAnnotations;
using System.Net.Mail;
using Kontor.Mail.Delivery;

namespace Kontor.Mail;

/// <summary>Configured under `Mail`; the host fills in `KONTOR_SMTP` and `KONTOR_MAIL_FROM`.</summary>
internal sealed class MailOptions : IValidatableObject
{
    /// <summary>`smtp://user:password@host:587`; without one, letters are kept and shown.</summary>
    public string? Smtp { get; set; }

    /// <summary>Whom letters come from, for instance `Kontor &lt;shop@example.com&gt;`; null is `no-reply` at the public host.</summary>
    public string? From { get; set; }

    /// <summary>How long a mail server may take for one letter, 1 to 60 seconds, before it is tried again later.</summary>
    [Range(1, 60)]
    public int SendSeconds { get; set; } = 30;

    /// <summary>Null without a mail server.</summary>
    public SmtpServer? Server => Smtp is null ? null : SmtpServer.Parse(Smtp).Server;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Smtp is not null && SmtpServer.Parse(Smtp).Error is { } error) yield return new(error);
        if (From is not null && !MailAddress.TryCreate(From, out _))
            yield return new("KONTOR_MAIL_FROM is an address, like shop@example.com or 'Kontor <shop@example.com>'.");
    }
}

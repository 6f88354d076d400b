using System.ComponentModel.DataAnnotations;
using System.Net.Mail;
using Kontor.Mail.Delivery;
using Microsoft.Extensions.Options;

namespace Kontor.Mail;

/// <summary>Configured under `Mail`; the host fills in `KONTOR_SMTP` and `KONTOR_MAIL_FROM`.</summary>
internal sealed class MailOptions
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
}

/// <summary>Says at start what is wrong, to the person at the terminal.</summary>
internal sealed class MailOptionsRules : IValidateOptions<MailOptions>
{
    public ValidateOptionsResult Validate(string? name, MailOptions options)
    {
        if (options.Smtp is not null && SmtpServer.Parse(options.Smtp).Error is { } error) return ValidateOptionsResult.Fail(error);
        return options.From is null || MailAddress.TryCreate(options.From, out _)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail("KONTOR_MAIL_FROM is an address, like shop@example.com or 'Kontor <shop@example.com>'.");
    }
}

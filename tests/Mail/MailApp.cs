using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Testing;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Mail.Tests;

/// <summary>A server whose letters go to a mail server of the test's own.</summary>
public class MailApp : KontorApp, IAsyncDisposable
{
    public MailServer Server { get; } = new();

    public Letters Letters => Services.GetRequiredService<Letters>();

    public IMailer Mailer => Services.GetRequiredService<IMailer>();

    protected override void Configure(WebApplicationBuilder builder)
    {
        builder.Configuration["Mail:Smtp"] = $"smtp://post:p%40ss@127.0.0.1:{Server.Port}";
        builder.Configuration["Mail:From"] = "Kontor <shop@kontor.example>";
        builder.Configuration["Mail:SendSeconds"] = "5";
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Posts a letter whose subject is its own, and gives that.</summary>
    public async Task<string> Post(string? key = null, bool isSecret = false, Recipient? to = null)
    {
        var subject = $"Subject {Guid.NewGuid():N}";
        await Database.Write(tx => Letters.Post(
            tx, to ?? new("ada@kontor.example", "Ada", "en"),
            _ => new() { Subject = subject, Paragraphs = ["A paragraph."], Link = new("Open", "/verify?token=the-secret") },
            key, isSecret).AsTask());
        return subject;
    }

    /// <summary>The longest pause between two attempts is over.</summary>
    public void LetAnHourPass()
    {
        Clock.Advance(TimeSpan.FromHours(1));
        Services.GetRequiredService<Signals>().Raise("mail.waiting", "");
    }

    public Task<MailRow?> Find(string subject) => Database.Read(tx => tx.First<MailRow>(
        "SELECT id, state, attempts, last_error, text, html FROM mail_letters WHERE subject = @subject", new { subject }).AsTask());

    /// <summary>Waits until the letter is as it should be.</summary>
    public async Task<MailRow> Until(string subject, Func<MailRow, bool> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (await Find(subject) is { } row && isSo(row)) return row;
            await Task.Delay(20, patience.Token);
        }
    }
}

public sealed record MailRow(string Id, string State, long Attempts, string? LastError, string Text, string Html);

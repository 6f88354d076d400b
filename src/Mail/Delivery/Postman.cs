using System.Net.Mail;
using Kontor.Foundation.Events;
using Kontor.Mail.Mailbox;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Mail.Delivery;

/// <summary>
/// Brings waiting letters to the mail server, four at once. Any number of nodes may do so. It is apart from the outbox's events, so that a
/// slow mail server holds up letters only, and so that letters outlast a server that is away for a day.
/// </summary>
internal sealed partial class Postman(
    Letterbox letters, Smtp smtp, Signals signals, IOptions<MailOptions> options, ILogger<Postman> logger)
    : BackgroundService
{
    private const int AtOnce = 4;
    private const int Batch = 4 * AtOnce;

    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _work = new(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Server is not { } server)
        {
            LogNoServer();
            return;
        }

        LogServer(server);
        using var subscription = signals.Subscribe(Letterbox.Signal, _ => Wake());
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Signals may be lost and retries fall due, so it also looks by itself.
                await _work.WaitAsync(PollEvery, stoppingToken);
                while (await DeliverSome(stoppingToken)) { }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogUnable(exception);
                await Task.Delay(PollEvery, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    public override void Dispose()
    {
        _work.Dispose();
        base.Dispose();
    }

    private void Wake()
    {
        if (_work.CurrentCount == 0) _work.Release();
    }

    private async Task<bool> DeliverSome(CancellationToken ct)
    {
        // Even when each takes as long as it may, the last of them ends before its lease.
        var taken = await letters.Take(Batch, ct);
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = ct };
        await Parallel.ForEachAsync(taken, atOnce, async (letter, token) => await Deliver(letter, token));
        return taken.Count > 0;
    }

    private async Task Deliver(StoredLetter letter, CancellationToken ct)
    {
        try
        {
            await smtp.Send(letter, ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            var isFinal = IsFinal(exception);
            // The server's words may name the recipient, so the log has only their kind.
            LogFailed(letter.Id, letter.Attempts + 1, exception.GetType().Name, isFinal);
            await letters.Failed(letter, WordsOf(exception), isFinal, ct);
            return;
        }

        await letters.Sent(letter, ct);
    }

    /// <summary>The server says that this letter will never be taken (RFC 5321, 4.2.1), or its address is none.</summary>
    private static bool IsFinal(Exception exception) => exception switch
    {
        SmtpFailedRecipientException { StatusCode: var status } => (int)status >= 500,
        SmtpException { StatusCode: SmtpStatusCode.TransactionFailed } => true,
        FormatException or ArgumentException => true,
        _ => false,
    };

    private static string WordsOf(Exception exception) => exception switch
    {
        OperationCanceledException => "The mail server did not answer in time.",
        { InnerException: { } inner } => $"{exception.Message} {inner.Message}",
        _ => exception.Message,
    };

    [LoggerMessage(Level = LogLevel.Information, Message = "Letters go to the mail server {Server}")]
    private partial void LogServer(SmtpServer server);

    [LoggerMessage(Level = LogLevel.Information, Message = "There is no mail server; letters are kept, and shown at /admin/mail")]
    private partial void LogNoServer();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Letter {LetterId} was not taken at attempt {Attempt}: {Kind} (final: {IsFinal})")]
    private partial void LogFailed(string letterId, long attempt, string kind, bool isFinal);

    [LoggerMessage(Level = LogLevel.Error, Message = "The waiting letters could not be read")]
    private partial void LogUnable(Exception exception);
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Mail.Mailbox;

/// <summary>Forgets letters after 30 days, whatever became of them.</summary>
internal sealed partial class LetterTidying(Letterbox letters, ILogger<LetterTidying> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        do
        {
            try
            {
                await letters.ForgetOld(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old letters could not be forgotten; the next hour tries again")]
    private partial void LogFailed(Exception exception);
}

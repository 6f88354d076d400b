using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.Attempts;

/// <summary>Removes forgotten tries, a few at a time, so that a flood of made-up addresses leaves nothing behind.</summary>
internal sealed partial class AttemptTidying(IAttempts attempts, ILogger<AttemptTidying> logger) : BackgroundService
{
    private const int AtOnce = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5 * Clock.Minute));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await attempts.Tidy(AtOnce, stoppingToken) == AtOnce) { }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Forgotten tries to sign in could not be removed; this is tried again in a while")]
    private partial void LogFailed(Exception exception);
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Sync.Tombstones;

/// <summary>Purges when the server has started, which may be more often, and every few hours; any number of nodes may.</summary>
internal sealed partial class TombstonePurging(TombstonePurge purge, ILogger<TombstonePurging> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(6));
        do
        {
            try
            {
                await purge.Run(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old deletions could not be forgotten; the next round tries again")]
    private partial void LogFailed(Exception exception);
}

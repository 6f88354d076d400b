using Kontor.Foundation.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Sync.Status;

/// <summary>Writes the noted pulls every few seconds, and once more when the server stops.</summary>
internal sealed partial class DeviceNotes(Devices devices, Database database, ILogger<DeviceNotes> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(5));
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await Flush();
        }
        catch (OperationCanceledException)
        {
            await Flush();
        }
    }

    private async Task Flush()
    {
        try
        {
            await devices.Flush(database, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The status page is a little behind then; nothing else depends on it.
            LogFailed(exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The devices' last pulls could not be written; the next round tries again")]
    private partial void LogFailed(Exception exception);
}

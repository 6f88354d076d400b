using Kontor.Foundation.Seams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.Keys;

/// <summary>Keeps the keys to their schedule, and takes over within a second what a command or another node changed.</summary>
internal sealed partial class KeyTending(KeyRing ring, KeySchedule schedule, ILogger<KeyTending> logger) : BackgroundService, IWarmUp
{
    public Task WarmUp(CancellationToken ct)
    {
        schedule.Tend();
        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        var hasFailed = false;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var signedWith = ring.SigningKey;
            try
            {
                schedule.Tend();
                hasFailed = false;
            }
            catch (Exception exception)
            {
                if (!hasFailed) LogFailed(exception);
                hasFailed = true;
            }

            if (ring.SigningKey != signedWith) LogChanged(ring.SigningKey.Kid);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Access tokens are signed with key {Kid} from now on")]
    private partial void LogChanged(string kid);

    [LoggerMessage(Level = LogLevel.Error, Message =
        "The folder of keys could not be tended; this is tried again every second, and what is in memory stays in use")]
    private partial void LogFailed(Exception exception);
}

using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Accounts.Sessions;

/// <summary>Forgets sessions a month after they ended or ran out; until then they say why.</summary>
internal sealed partial class SessionTidying(ISessions sessions, TimeProvider time, ILogger<SessionTidying> logger) : BackgroundService
{
    private const long KeepMs = 30 * Clock.Day;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await sessions.Forget(time.NowMs() - KeepMs, stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old sessions could not be forgotten; the next hour tries again")]
    private partial void LogFailed(Exception exception);
}

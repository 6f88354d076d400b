using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Foundation.Http;

/// <summary>Forgets idempotency keys after 24 hours.</summary>
internal sealed partial class IdempotencyTidying(Database database, TimeProvider time, ILogger<IdempotencyTidying> logger)
    : BackgroundService
{
    private const long KeepMs = 24 * Clock.Hour;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var before = time.NowMs() - KeepMs;
                await database.Write(tx => tx.Execute(
                    "DELETE FROM foundation_idempotency WHERE created_at < @before", new { before }).AsTask(), stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old idempotency keys could not be deleted; the next hour tries again")]
    private partial void LogFailed(Exception exception);
}

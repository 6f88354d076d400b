using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Ranking;

/// <summary>The click rates of today, in memory: read before the first request, when a day begins, and every few minutes.</summary>
internal sealed partial class CurrentRates(
    Database database, IOptions<RankingOptions> options, TimeProvider time, ILogger<CurrentRates> logger) : BackgroundService, IWarmUp
{
    private readonly SemaphoreSlim _reading = new(1);
    private volatile ClickRates _current = ClickRates.None;
    private long _readAt = long.MinValue;

    public ClickRates Current => _current;

    public Task WarmUp(CancellationToken ct) => Read(ct);

    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (IsOld(time.NowMs())) await Read(stoppingToken);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The server ends.
            }
            catch (Exception exception)
            {
                // Feeds are arranged by the rates that are there; the next round tries again.
                LogUnable(exception);
                await Task.Delay(TimeSpan.FromSeconds(10), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private bool IsOld(long now) =>
        now - _readAt >= options.Value.RateMinutes * Clock.Minute || now < _readAt || now / Clock.Day != _readAt / Clock.Day;

    private async Task Read(CancellationToken ct)
    {
        // One after the other, so that what was read last is also what is held.
        await _reading.WaitAsync(ct);
        try
        {
            var now = time.NowMs();
            var today = now / Clock.Day;
            var counters = await database.Read(tx => StoredRates.Read(tx, today - options.Value.RateDays, today), ct);
            // The same rates keep their number, and so every order that was made from them.
            if (!_current.Says(counters)) _current = new(counters, _current.Number + 1);
            _readAt = now;
        }
        finally
        {
            _reading.Release();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The click rates could not be read; feeds keep the earlier ones")]
    private partial void LogUnable(Exception exception);
}

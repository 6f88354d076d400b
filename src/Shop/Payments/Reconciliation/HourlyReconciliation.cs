using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Payments;

/// <summary>Has each provider's list compared once an hour, by one of the nodes, and forgets old notices.</summary>
internal sealed partial class HourlyReconciliation(
    Database database, Reconciliation reconciliation, PaymentProviders providers, ProviderMarks marks, IOptions<PaymentOptions> options,
    TimeProvider time, ILogger<HourlyReconciliation> logger) : BackgroundService
{
    private const long KeepEventsMs = 90 * Clock.Day;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var provider in providers.Online) await RunIfDue(provider, stoppingToken);
        }
    }

    private async Task RunIfDue(IOnlineProvider provider, CancellationToken ct)
    {
        try
        {
            await marks.Of(provider.Name, ct);
            if (!await database.Write(tx => Claim(tx, provider.Name), ct)) return;
            await reconciliation.Run(provider, ct);
            await database.Write(tx => tx.Execute(
                "DELETE FROM shop_payment_events WHERE received_at < @before", new { before = time.NowMs() - KeepEventsMs }).AsTask(), ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            LogFailed(provider.Name, exception);
        }
    }

    private async Task<bool> Claim(Tx tx, string provider)
    {
        var now = time.NowMs();
        return await tx.Execute("""
            UPDATE shop_payment_providers SET reconciled_at = @now
            WHERE name = @provider AND reconciled_at <= @before
            """, new { provider, now, before = now - (options.Value.ReconcileMinutes * Clock.Minute) }) == 1;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The list of {Provider} could not be compared; the next hour tries again")]
    private partial void LogFailed(string provider, Exception exception);
}

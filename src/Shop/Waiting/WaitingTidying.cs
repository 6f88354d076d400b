using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Waiting;

/// <summary>Forgets who waits for what is sold no more, or has waited so long that nobody remembers.</summary>
internal sealed partial class WaitingTidying(Database database, Stock stock, TimeProvider time, ILogger<WaitingTidying> logger)
    : BackgroundService
{
    private const long KeepMs = 180 * Clock.Day;
    private const int PlacesMax = 100;

    private sealed record OldPlace(string Id);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await Forget(stoppingToken) == PlacesMax) { }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    internal async Task<int> Forget(CancellationToken ct)
    {
        // Old ones by their age, and those of removed products by the few products that anybody waits for.
        var old = await database.Read(tx => tx.Query<OldPlace>($"""
            SELECT id FROM (SELECT id FROM shop_waiting WHERE created_at < @before ORDER BY created_at LIMIT {PlacesMax}) aged
            UNION
            SELECT w.id
            FROM shop_stock s
            JOIN shop_products p ON p.id = s.product_id
            JOIN shop_waiting w ON w.product_id = s.product_id
            WHERE s.waiting > 0 AND p.is_deleted = true
            LIMIT {PlacesMax}
            """, new { before = time.NowMs() - KeepMs }).AsTask(), ct);
        foreach (var place in old)
        {
            await database.Write(async tx =>
            {
                if (await WaitingList.Find(tx, place.Id) is { } found) await stock.Leave(tx, found, Ledger.System);
            }, ct);
        }

        return old.Count;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old places in line could not be forgotten; the next hour tries again")]
    private partial void LogFailed(Exception exception);
}

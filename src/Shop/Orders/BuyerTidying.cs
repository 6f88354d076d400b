using Kontor.Foundation.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Orders;

/// <summary>Forgets the buyers of orders that never came to an end.</summary>
internal sealed partial class BuyerTidying(Database database, Buyers buyers, ILogger<BuyerTidying> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await database.Write(buyers.EmptyOverdue, stoppingToken) > 0) { }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Buyers could not be taken out of old orders; the next hour tries again")]
    private partial void LogFailed(Exception exception);
}

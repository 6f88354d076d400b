using Kontor.Foundation.Data;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Shop;

/// <summary>
/// Gives back what ran out and nobody has touched since, so that copies of a product's numbers are told. Whether a piece can be had
/// never depends on it.
/// </summary>
internal sealed partial class ExpiredHolds(Database database, Stock stock, IOptions<ShopOptions> options, ILogger<ExpiredHolds> logger)
    : BackgroundService
{
    /// <summary>Few enough that others do not wait for their locks.</summary>
    private const int ProductsMax = 20;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.TidySeconds));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // Looking costs no write when there is nothing to do.
                while (await database.Read(tx => stock.HasToTidy(tx).AsTask(), stoppingToken))
                    await database.Write(tx => stock.Tidy(tx, ProductsMax).AsTask(), stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Holds that ran out could not be given back; the next round tries again")]
    private partial void LogFailed(Exception exception);
}

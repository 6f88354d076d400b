using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Cart;

/// <summary>Forgets the carts of guests who did not come back, and what was done to carts long ago.</summary>
internal sealed partial class CartTidying(
    Database database, CartReplay replay, TimeProvider time, IOptions<ShopOptions> options, ILogger<CartTidying> logger)
    : BackgroundService
{
    private const int CartsMax = 500;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await database.Write(tx => Forget(tx).AsTask(), stoppingToken) == CartsMax) { }
                await database.Write(tx => replay.Forget(tx).AsTask(), stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    /// <summary>Holds end long before, so that nothing is promised to what is deleted here.</summary>
    internal async ValueTask<int> Forget(Tx tx)
    {
        string[] cartIds = [.. await tx.Query<string>($"""
            SELECT c.id FROM shop_carts c
            WHERE c.token_hash IS NOT NULL AND c.updated_at < @before
                AND NOT EXISTS (
                    SELECT 1 FROM shop_cart_lines l
                    JOIN shop_holds h ON h.product_id = l.product_id AND h.holder = l.cart_id
                    WHERE l.cart_id = c.id)
            ORDER BY c.updated_at
            LIMIT {CartsMax} {tx.Dialect.ForUpdateSkipLocked}
            """, new { before = time.NowMs() - options.Value.GuestCartDays * Clock.Day })];
        await tx.Execute($"DELETE FROM shop_cart_lines WHERE cart_id {tx.Dialect.In("cartIds")}", new { cartIds });
        return await tx.Execute($"DELETE FROM shop_carts WHERE id {tx.Dialect.In("cartIds")}", new { cartIds });
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old carts of guests could not be deleted; the next hour tries again")]
    private partial void LogFailed(Exception exception);
}

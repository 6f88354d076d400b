using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Cart;

/// <summary>A cart is now so; what happened to it within a few seconds is told once.</summary>
/// <param name="UserId">Null for a guest's cart.</param>
/// <param name="TotalMinor">At the prices that were seen.</param>
/// <param name="At">The first change that this tells of, milliseconds since 1970.</param>
internal sealed record CartChanged(
    string CartId, string? UserId, IReadOnlyList<CartChanged.Item> Items, long TotalMinor, string Currency, long At) : IEvent
{
    public static string Name => "shop.cart-changed";

    public sealed record Item(string ProductId, long Quantity, long PriceMinor);
}

/// <summary>
/// Tells of carts that changed. A change only marks its cart, in its own transaction, so that adding to a cart stays cheap and a crash
/// loses nothing; what was ordered meanwhile is told of as an order.
/// </summary>
internal sealed partial class CartNews(Database database, Outbox outbox, TimeProvider time, ILogger<CartNews> logger) : BackgroundService
{
    private const int CartsMax = 100;

    /// <summary>Somebody who changes a cart mostly changes it again at once.</summary>
    private const long QuietMs = 5 * Clock.Second;

    private sealed record Changed(string Id, string? UserId, long ChangedAt);

    private sealed record Line(string CartId, string ProductId, long Quantity, long PriceMinor);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await database.Read(tx => IsAny(tx).AsTask(), stoppingToken))
                    await database.Write(tx => Tell(tx).AsTask(), stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    private ValueTask<bool> IsAny(Tx tx) => tx.First<bool>(
        "SELECT EXISTS (SELECT 1 FROM shop_carts WHERE changed_at <= @before)", new { before = time.NowMs() - QuietMs });

    /// <summary>The number of carts that were told of.</summary>
    internal async ValueTask<int> Tell(Tx tx)
    {
        var carts = await tx.Query<Changed>($"""
            SELECT id, user_id, changed_at FROM shop_carts
            WHERE changed_at <= @before
            ORDER BY changed_at
            LIMIT {CartsMax} {tx.Dialect.ForUpdateSkipLocked}
            """, new { before = time.NowMs() - QuietMs });
        if (carts.Count == 0) return 0;
        var ids = carts.Select(cart => cart.Id).ToArray();
        var lines = (await tx.Query<Line>($"""
            SELECT cart_id, product_id, quantity, price_minor FROM shop_cart_lines
            WHERE cart_id {tx.Dialect.In("ids")}
            ORDER BY cart_id, added_at, product_id
            """, new { ids })).ToLookup(line => line.CartId);
        await outbox.AddEach(tx, [.. carts.Select(cart => EventOf(cart, lines[cart.Id]))]);
        return await tx.Execute($"UPDATE shop_carts SET changed_at = NULL WHERE id {tx.Dialect.In("ids")}", new { ids });
    }

    private static CartChanged EventOf(Changed cart, IEnumerable<Line> lines)
    {
        var items = lines.Select(line => new CartChanged.Item(line.ProductId, line.Quantity, line.PriceMinor)).ToList();
        var total = items.Aggregate(Int128.Zero, (sum, item) => sum + ((Int128)item.PriceMinor * item.Quantity));
        return new(cart.Id, cart.UserId, items, (long)Int128.Min(total, long.MaxValue), Products.Currency, cart.ChangedAt);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Carts that changed could not be told of; the next second tries again")]
    private partial void LogFailed(Exception exception);
}

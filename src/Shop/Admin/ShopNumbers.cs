using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;

namespace Kontor.Shop.Admin;

/// <summary>One day's orders and money, by UTC.</summary>
/// <param name="Day">Days since 1970.</param>
/// <param name="Orders">Those that were placed, whatever became of them.</param>
/// <param name="RevenueMinor">
/// What was paid that day, less what of it went back since. A card counts on the day on which its payment was begun, an invoice on the day
/// on which somebody said that its money had come.
/// </param>
internal sealed record DayNumbers(long Day, long Orders, long RevenueMinor);

/// <param name="Days">The last fourteen, the oldest first; the last one is today.</param>
/// <param name="OpenOrders">Orders that are still to be paid or shipped.</param>
/// <param name="HeldPieces">Pieces that lie in carts now.</param>
/// <param name="LowStock">The products with no more on the shelf than is few for them, the fewest pieces first; the first of them.</param>
internal sealed record DashboardNumbers(
    IReadOnlyList<DayNumbers> Days, long OpenOrders, long HeldPieces, long Products, long LowStockCount, IReadOnlyList<Product> LowStock)
{
    public DayNumbers Today => Days[^1];
}

/// <summary>What the shop's people look at in the morning.</summary>
internal sealed class ShopNumbers(Database database, TimeProvider time)
{
    public const int DayCount = 14;

    private const int LowStockShown = 10;

    private sealed record Levels(long Products, long Low);

    public Task<DashboardNumbers> Read(CancellationToken ct) => database.Snapshot(async tx =>
    {
        var now = time.NowMs();
        var today = now / Clock.Day;
        var days = await tx.Query<DayNumbers>("""
            SELECT day, CAST(SUM(orders) AS BIGINT) AS orders, CAST(SUM(revenue_minor) AS BIGINT) AS revenue_minor
            FROM (
                SELECT created_at / 86400000 AS day, COUNT(*) AS orders, 0 AS revenue_minor
                FROM shop_orders
                WHERE created_at >= @since
                GROUP BY created_at / 86400000
                UNION ALL
                SELECT created_at / 86400000, 0, SUM(captured_minor - refunding_minor)
                FROM shop_payments
                WHERE created_at >= @since AND captured_minor > 0
                GROUP BY created_at / 86400000
            ) x
            GROUP BY day
            """, new { since = (today - DayCount + 1) * Clock.Day });
        var open = await tx.First<long>("SELECT COUNT(*) FROM shop_orders WHERE status IN ('pending', 'paid')");
        var held = await tx.First<long?>(
            "SELECT CAST(SUM(quantity) AS BIGINT) FROM shop_holds WHERE expires_at > @now", new { now });
        var levels = await tx.First<Levels>($"""
            SELECT COUNT(*) AS products,
                   COALESCE(CAST(SUM(CASE WHEN {Product.LowSql} THEN 1 ELSE 0 END) AS BIGINT), 0) AS low
            {Product.Source}
            WHERE p.is_deleted = false
            """);
        var low = await tx.Query<Product>($"""
            SELECT {Product.Columns}
            {Product.Source}
            WHERE p.is_deleted = false AND {Product.LowSql}
            ORDER BY on_hand, p.id
            LIMIT {LowStockShown}
            """, new { now });
        return new DashboardNumbers(Fill(days, today), open, held ?? 0, levels!.Products, levels.Low, low);
    }, ct);

    /// <summary>Days without an order are days, too.</summary>
    private static DayNumbers[] Fill(List<DayNumbers> days, long today) =>
    [
        .. Enumerable.Range(0, DayCount).Select(i => today - DayCount + 1 + i)
            .Select(day => days.Find(one => one.Day == day) ?? new DayNumbers(day, 0, 0)),
    ];
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Events;

namespace Kontor.Shop;

/// <summary>Tells when a product's stock crosses a line. The product's row is locked, so each crossing is seen once.</summary>
internal sealed class StockAlerts(Outbox outbox)
{
    /// <summary>So many pieces on the shelf are few, for products that have no number of their own.</summary>
    public const int LowDefault = 5;

    /// <summary>The same for SQL texts, which are constants.</summary>
    public const string LowDefaultSql = "5";

    public async ValueTask Compare(Tx tx, string productId, Shelf.Level before, Shelf.Level after, long at)
    {
        var low = after.LowAt ?? LowDefault;
        if (before.OnHand > low && after.OnHand <= low) await outbox.Add(tx, new StockLow(productId, after.OnHand, low, at));
        if (before.OnHand == 0 && after.OnHand > 0) await outbox.Add(tx, new StockBack(productId, after.OnHand, at));
    }
}

/// <summary>Few pieces are left on the shelf, those in carts included.</summary>
/// <param name="Threshold">So many are few.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record StockLow(string ProductId, long OnHand, long Threshold, long At) : IEvent
{
    public static string Name => "shop.stock-low";
}

/// <summary>There was nothing on the shelf, and now there is.</summary>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record StockBack(string ProductId, long OnHand, long At) : IEvent
{
    public static string Name => "shop.stock-back";
}

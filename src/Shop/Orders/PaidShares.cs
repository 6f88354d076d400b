namespace Kontor.Shop.Orders;

/// <summary>
/// What was paid for the pieces of an order, when a coupon made the whole of it cheaper. Each rounding is of a sum up to a point, so that
/// the parts add up to what was paid however they are cut.
/// </summary>
internal static class PaidShares
{
    /// <summary>For each line: its price less its share of the discount, in minor units.</summary>
    public static long[] Of(IReadOnlyList<OrderLine> lines, Order order)
    {
        var shares = new long[lines.Count];
        var (goods, off) = (0L, 0L);
        for (var i = 0; i < shares.Length; i++)
        {
            var gross = lines[i].PriceMinor * lines[i].Quantity;
            goods += gross;
            var until = order.GoodsMinor == 0 ? 0 : (long)((Int128)order.DiscountMinor * goods / order.GoodsMinor);
            shares[i] = gross - (until - off);
            off = until;
        }

        return shares;
    }

    /// <summary>For so many pieces of a line, when some came back before.</summary>
    /// <param name="paid">For the whole line.</param>
    public static long ForPieces(long paid, long quantity, long before, long pieces) =>
        (long)(((Int128)paid * (before + pieces) / quantity) - ((Int128)paid * before / quantity));
}

using Kontor.Foundation;

namespace Kontor.Shop.Pricing;

/// <summary>What an order costs, and of what that is made. All in minor units of one currency.</summary>
/// <param name="Discount">Taken off the goods; never more than they cost.</param>
/// <param name="Tax">Contained in the total, not added to it.</param>
/// <param name="TaxRate">In hundredths of a percent.</param>
internal sealed record Totals(long Goods, long Discount, long Shipping, int TaxRate, long Tax)
{
    public static readonly Problem TooLarge = new(409, "order-too-large", "The order's total is too large.");

    public long Total => Goods - Discount + Shipping;

    /// <param name="lines">Price and quantity of each.</param>
    public static Outcome<Totals> Of(
        IEnumerable<(long PriceMinor, long Quantity)> lines, Coupon? coupon, ShippingMethod? shipping, int taxRate)
    {
        var sum = lines.Aggregate(Int128.Zero, (sum, line) => sum + (Int128)line.PriceMinor * line.Quantity);
        // Leaves room for what shipping costs.
        if (sum > long.MaxValue / 2) return TooLarge;
        var goods = (long)sum;
        var discount = coupon?.DiscountOf(goods) ?? 0;
        var postage = shipping?.PriceFor(goods - discount) ?? 0;
        var total = goods - discount + postage;
        return new Totals(goods, discount, postage, taxRate, ContainedTax(total, taxRate));
    }

    /// <summary>
    /// Of a price with tax, rounded half up, once for the whole order and not for each line: the invoice shows the tax of its sum.
    /// </summary>
    public static long ContainedTax(long gross, int rate)
    {
        Int128 whole = 10_000 + rate;
        return (long)(((Int128)gross * rate * 2 + whole) / (whole * 2));
    }
}

using Kontor.Foundation;

namespace Kontor.Shop.Pricing;

/// <summary>Whether a code can be used now, and if not, why.</summary>
public enum CouponState
{
    Active,

    /// <summary>Its time is yet to come.</summary>
    Scheduled,

    /// <summary>Its time is over, or an admin ended it.</summary>
    Ended,

    /// <summary>All its uses are taken; a cancelled order gives one back.</summary>
    UsedUp,
}

/// <summary>One row of `shop_coupons`: a code that makes an order cheaper.</summary>
/// <param name="Code">In capital letters; buyers may write it as they like.</param>
/// <param name="AmountMinor">Off the goods; null for one of a <paramref name="Percent"/>.</param>
/// <param name="Percent">1 to 100, off the goods.</param>
/// <param name="MinimumMinor">So much the goods have to cost.</param>
/// <param name="StartsAt">Milliseconds since 1970, as <paramref name="EndsAt"/>, from which on it is no longer taken.</param>
/// <param name="UsesMax">In all; null for any number.</param>
/// <param name="Used">Orders that were placed with it and not cancelled.</param>
internal sealed record Coupon(
    string Code,
    long? AmountMinor,
    long? Percent,
    long MinimumMinor,
    long? StartsAt,
    long? EndsAt,
    long? UsesMax,
    long? UsesPerCustomer,
    bool IsActive,
    long Used,
    long CreatedAt)
{
    public const string Columns = """
        code, amount_minor, percent, minimum_minor, starts_at, ends_at, uses_max, uses_per_customer, is_active, used, created_at
        """;

    public const int CodeMax = 40;

    public static readonly Problem Invalid = new(422, "coupon-invalid", "This code is not valid, or not any more.");
    public static readonly Problem UsedUp = new(409, "coupon-used-up", "This code has been used as often as it may be.");
    public static readonly Problem BelowMinimum = new(409, "coupon-minimum", "The goods cost too little for this code.");

    /// <summary>Null for any number. None are left, too, where an admin allows fewer than were made.</summary>
    public long? UsesLeft => UsesMax is { } most ? Math.Max(0, most - Used) : null;

    /// <summary>As it is stored, whatever case and spaces a buyer wrote.</summary>
    public static string Normalize(string code) => code.Trim().ToUpperInvariant();

    public CouponState StateAt(long now) => this switch
    {
        { IsActive: false } => CouponState.Ended,
        _ when EndsAt <= now => CouponState.Ended,
        _ when StartsAt > now => CouponState.Scheduled,
        { UsesLeft: 0 } => CouponState.UsedUp,
        _ => CouponState.Active,
    };

    /// <summary>Half a cent goes to the shop.</summary>
    public long DiscountOf(long goodsMinor)
    {
        var discount = AmountMinor ?? (long)((Int128)goodsMinor * Percent!.Value / 100);
        return Math.Min(discount, goodsMinor);
    }

    /// <summary>Why it cannot be used now for goods of this price; null when it can. Its uses are counted when it is taken.</summary>
    public Problem? Refuse(long goodsMinor, string currency, long now)
    {
        if (StateAt(now) is CouponState.Scheduled or CouponState.Ended) return Invalid;
        return goodsMinor < MinimumMinor ? BelowMinimum.With("minimum", new Money(MinimumMinor, currency).Major) : null;
    }
}

namespace Kontor.Home.Insight;

/// <summary>Which share of those who saw something clicked it, and between which shares the truth lies with 95 % certainty.</summary>
/// <param name="Value">0 to 1, as <paramref name="Low"/> and <paramref name="High"/>.</param>
internal readonly record struct ClickRate(double Value, double Low, double High)
{
    /// <summary>Between minus and plus so many standard deviations lie 95 % of a normal distribution.</summary>
    private const double Z = 1.959963984540054;

    /// <summary>
    /// Wilson's score interval (1927), which stays within 0 and 1 and holds for few events too. Null when nobody saw it.
    /// </summary>
    public static ClickRate? Of(long clicks, long impressions)
    {
        // A click whose impression was never told was seen nevertheless.
        var seen = Math.Max(impressions, clicks);
        if (seen <= 0) return null;
        var rate = (double)clicks / seen;
        var z2 = Z * Z / seen;
        var middle = (rate + (z2 / 2)) / (1 + z2);
        var reach = Z * Math.Sqrt((rate * (1 - rate) / seen) + (z2 / (4 * seen))) / (1 + z2);
        return new(rate, clicks == 0 ? 0 : Math.Max(0, middle - reach), clicks == seen ? 1 : Math.Min(1, middle + reach));
    }
}

namespace Kontor.Home.Experiments;

/// <summary>A share of units, for instance of people who clicked.</summary>
internal readonly record struct Share(long Count, long Of)
{
    public double Rate => Of == 0 ? 0 : (double)Count / Of;
}

/// <summary>How much more often than in the control, relative to it: 0.12 is 12 % more.</summary>
/// <param name="Low">The truth lies between this and <paramref name="High"/>, if it is looked at once.</param>
/// <param name="AlwaysLow">It lies between this and <paramref name="AlwaysHigh"/>, however often and whenever it is looked at.</param>
public sealed record ExperimentLift(double Estimate, double Low, double High, double AlwaysLow, double AlwaysHigh);

/// <summary>What chance alone brings about, and what it does not.</summary>
internal static class Statistics
{
    /// <summary>One in twenty: 95 % certainty.</summary>
    public const double Alpha = 0.05;

    /// <summary>For how many units the sequential interval is made narrowest; it holds for any number.</summary>
    private const double SequentialUnits = 5000;

    /// <summary>
    /// The ratio of two shares, less one, by the normal approximation of its logarithm (Katz, Baptista, Azen, Pike 1978: Obtaining
    /// confidence intervals for the risk ratio in cohort studies; with half a unit added where nobody or everybody did it, Walter 1975).
    /// The interval for many looks is the asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas 2021
    /// (Time-uniform central limit theory). Null while one of the groups is empty.
    /// </summary>
    /// <param name="comparisons">How many variations are compared with the control: with several the intervals are wide enough that all of
    /// them hold together (Bonferroni).</param>
    public static ExperimentLift? Lift(Share control, Share variation, int comparisons)
    {
        if (control.Of == 0 || variation.Of == 0) return null;
        var add = new[] { control, variation }.Any(one => one.Count == 0 || one.Count == one.Of) ? 0.5 : 0;
        var (c, cn, v, vn) = (control.Count + add, control.Of + 2 * add, variation.Count + add, variation.Of + 2 * add);
        var ratio = Math.Log(v / vn / (c / cn));
        var variance = 1 / v - 1 / vn + 1 / c - 1 / cn;
        var alpha = Alpha / Math.Max(1, comparisons);
        var once = NormalReach(alpha) * Math.Sqrt(variance);
        var always = SequentialReach(variance, control.Of + variation.Of, alpha);
        return new(
            Math.Exp(ratio) - 1, Math.Exp(ratio - once) - 1, Math.Exp(ratio + once) - 1, Math.Exp(ratio - always) - 1,
            Math.Exp(ratio + always) - 1);
    }

    /// <summary>
    /// How probable it is that groups of these sizes, or more uneven ones, come about by chance where they should have these shares
    /// (Pearson's chi-square).
    /// </summary>
    public static (double ChiSquare, double P) SampleRatio(IReadOnlyList<long> units, IReadOnlyList<double> shares)
    {
        var total = units.Sum();
        var groups = units.Zip(shares).Where(group => group.Second > 0 || group.First > 0).ToList();
        if (total == 0 || groups.Count < 2) return (0, 1);
        if (groups.Any(group => group.Second <= 0)) return (double.MaxValue, 0);
        var chiSquare = groups.Sum(group => Math.Pow(group.First - total * group.Second, 2) / (total * group.Second));
        return (chiSquare, UpperGamma((groups.Count - 1) / 2d, chiSquare / 2));
    }

    /// <summary>
    /// Between minus and plus so many standard deviations lies all but <paramref name="alpha"/> of a normal distribution.
    /// </summary>
    public static double NormalReach(double alpha)
    {
        var (low, high) = (0d, 40d);
        for (var i = 0; i < 100; i++)
        {
            var middle = (low + high) / 2;
            if (UpperGamma(0.5, middle * middle / 2) > alpha) low = middle;
            else high = middle;
        }

        return low;
    }

    private static double SequentialReach(double variance, long units, double alpha)
    {
        var rho2 = (-2 * Math.Log(alpha) + Math.Log(-2 * Math.Log(alpha)) + 1) / SequentialUnits;
        var seen = units * rho2;
        // The variance is of the mean; the formula's is of one unit, that is, times their number.
        return Math.Sqrt(variance * units * 2 * (seen + 1) / (units * seen) * Math.Log(Math.Sqrt(seen + 1) / alpha));
    }

    /// <summary>
    /// The regularised upper incomplete gamma function, by its series or its continued fraction, whichever converges (Press, Teukolsky,
    /// Vetterling, Flannery: Numerical Recipes, 6.2). A chi-square distribution's tail is Q(k/2, x/2).
    /// </summary>
    private static double UpperGamma(double a, double x)
    {
        if (x <= 0) return 1;
        var front = Math.Exp(a * Math.Log(x) - x - LogGamma(a));
        return x < a + 1 ? 1 - front * Series(a, x) : front * Fraction(a, x);
    }

    private static double Series(double a, double x)
    {
        var (sum, term) = (1 / a, 1 / a);
        for (var n = 1; n < 1000 && Math.Abs(term) > Math.Abs(sum) * 1e-15; n++)
        {
            term *= x / (a + n);
            sum += term;
        }

        return sum;
    }

    private static double Fraction(double a, double x)
    {
        const double tiny = 1e-300;
        var b = x + 1 - a;
        var c = 1 / tiny;
        var d = 1 / b;
        var h = d;
        for (var n = 1; n < 1000; n++)
        {
            var an = -n * (n - a);
            b += 2;
            d = 1 / Nonzero(an * d + b);
            c = Nonzero(b + an / c);
            h *= d * c;
            if (Math.Abs(d * c - 1) < 1e-15) break;
        }

        return h;

        static double Nonzero(double value) => Math.Abs(value) < tiny ? tiny : value;
    }

    /// <summary>Lanczos' approximation; wrong by less than 2e-10.</summary>
    private static double LogGamma(double x)
    {
        ReadOnlySpan<double> c =
        [
            76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2, -0.5395239384953e-5,
        ];
        var sum = 1.000000000190015;
        for (var i = 0; i < c.Length; i++) sum += c[i] / (x + i + 1);
        var t = x + 5.5;
        return (x + 0.5) * Math.Log(t) - t + Math.Log(2.5066282746310005 * sum / x);
    }
}

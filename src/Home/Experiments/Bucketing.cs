using System.Globalization;
using System.Text;

namespace Kontor.Home.Experiments;

/// <summary>
/// Where on the line from 0 to 1 a person stands, and which variation stands there: the same for everybody who asks, without anything
/// stored. Hashing, ranges and namespaces follow the specification of GrowthBook's SDKs, version 0.8.
/// </summary>
internal static class Bucketing
{
    /// <summary>From 0 up to, but not including, 1; null for a version of the hash that there is not.</summary>
    /// <param name="version">1 is for experiments begun elsewhere: its buckets of two experiments depend on each other.</param>
    public static double? Hash(string seed, string unit, long version) => version switch
    {
        1 => Fnv(unit + seed) % 1000 / 1000d,
        2 => Fnv(Fnv(seed + unit).ToString(CultureInfo.InvariantCulture)) % 10_000 / 10_000d,
        _ => null,
    };

    /// <summary>FNV-1a with 32 bits, over UTF-8. Source: Fowler, Noll, Vo; draft-eastlake-fnv.</summary>
    private static uint Fnv(string text)
    {
        var hash = 2_166_136_261u;
        foreach (var unit in Encoding.UTF8.GetBytes(text)) hash = unchecked((hash ^ unit) * 16_777_619u);
        return hash;
    }

    public static double[] EqualWeights(int variations)
    {
        var weights = new double[Math.Max(0, variations)];
        Array.Fill(weights, 1d / variations);
        return weights;
    }

    /// <summary>
    /// Each variation's part of the line. Less coverage shortens every part where it begins, so that raising it later moves nobody.
    /// Weights that don't fit the variations, or don't add up to 1, count as equal ones.
    /// </summary>
    public static Span[] Ranges(int variations, double coverage, IReadOnlyList<double>? weights)
    {
        coverage = Math.Clamp(coverage, 0, 1);
        if (weights?.Count != variations || weights.Sum() is < 0.99 or > 1.01) weights = EqualWeights(variations);
        var ranges = new Span[variations];
        var start = 0d;
        for (var i = 0; i < variations; i++)
        {
            ranges[i] = new(start, start + coverage * weights[i]);
            start += weights[i];
        }

        return ranges;
    }

    /// <summary>The variation whose range holds <paramref name="hash"/>; -1 when none does.</summary>
    public static int Choose(double hash, IReadOnlyList<Span> ranges)
    {
        for (var i = 0; i < ranges.Count; i++)
        {
            if (ranges[i].Holds(hash)) return i;
        }

        return -1;
    }

    /// <summary>Experiments that share a namespace and own different ranges of it never meet in one person.</summary>
    public static bool IsIn(Namespace space, string unit) => space.Range.Holds(Hash("__" + space.Name, unit, 1)!.Value);
}

/// <summary>From <paramref name="From"/> up to, but not including, <paramref name="To"/>; both between 0 and 1.</summary>
internal readonly record struct Span(double From, double To)
{
    public bool Holds(double value) => value >= From && value < To;
}

/// <summary>The part of a namespace that an experiment owns.</summary>
internal sealed record Namespace(string Name, Span Range);

namespace Kontor.Home.Ranking;

/// <summary>
/// Numbers that look drawn and are not: the same person, widget and day always give the same, on every node and in every test. SplitMix64
/// (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014), seeded by FNV-1a with 64 bits.
/// </summary>
internal struct Draws
{
    private ulong _state;

    private Draws(ulong seed) => _state = seed;

    public static Draws For(string person, string widget, long day)
    {
        var hash = 14_695_981_039_346_656_037UL;
        hash = Add(hash, person);
        hash = Add(hash, widget);
        for (var i = 0; i < sizeof(long); i++) hash = Add(hash, (byte)(day >> (8 * i)));
        return new(hash);
    }

    /// <summary>
    /// From the Beta distribution: how often something might be clicked that had so many clicks and misses. Two draws from the Gamma
    /// distribution after Marsaglia and Tsang: A Simple Method for Generating Gamma Variables, 2000.
    /// </summary>
    public double Beta(double clicks, double misses)
    {
        var (a, b) = (Gamma(clicks), Gamma(misses));
        // Both are 0 only where the shapes are so small that neither outcome is known.
        return a + b > 0 ? a / (a + b) : 0.5;
    }

    private static ulong Add(ulong hash, string text)
    {
        foreach (var unit in text)
        {
            hash = Add(hash, (byte)unit);
            hash = Add(hash, (byte)(unit >> 8));
        }

        // Ends the text, so that `ab`, `c` and `a`, `bc` differ.
        return Add(Add(hash, 0xFF), 0xFF);
    }

    private static ulong Add(ulong hash, byte value) => unchecked((hash ^ value) * 1_099_511_628_211UL);

    private ulong Next()
    {
        unchecked
        {
            _state += 0x9E3779B97F4A7C15UL;
            var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9UL;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL;
            return mixed ^ (mixed >> 31);
        }
    }

    /// <summary>Above 0 and below 1.</summary>
    public double Uniform() => ((Next() >> 11) + 0.5) / (1UL << 53);

    /// <summary>Box and Muller: A Note on the Generation of Random Normal Deviates, 1958.</summary>
    private double Normal() => Math.Sqrt(-2 * Math.Log(Uniform())) * Math.Cos(2 * Math.PI * Uniform());

    private double Gamma(double shape)
    {
        // Below 1 by way of the next higher shape, as the paper says.
        if (shape < 1) return Gamma(shape + 1) * Math.Pow(Uniform(), 1 / shape);
        var d = shape - (1d / 3);
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal();
            var v = 1 + (c * x);
            if (v <= 0) continue;
            v = v * v * v;
            if (Math.Log(Uniform()) < (0.5 * x * x) + d - (d * v) + (d * Math.Log(v))) return d * v;
        }
    }
}

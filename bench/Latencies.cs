using System.Numerics;

namespace Kontor.Bench;

/// <summary>
/// Counts durations in buckets that are at most 1.6 % wide, as HdrHistogram does: 64 to each power of two of a microsecond. Not for
/// several threads; each caller has its own, and they are added up afterwards.
/// </summary>
internal sealed class Latencies
{
    private const int SubBits = 6;
    private const int SubBuckets = 1 << SubBits;

    private readonly long[] _counts = new long[SubBuckets * 32];

    public long Count { get; private set; }

    public void Add(TimeSpan duration)
    {
        var microseconds = Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        _counts[Math.Min(BucketOf(microseconds), _counts.Length - 1)]++;
        Count++;
    }

    public void Add(Latencies others)
    {
        for (var i = 0; i < _counts.Length; i++) _counts[i] += others._counts[i];
        Count += others.Count;
    }

    /// <summary>The duration that this share of all did not exceed; zero when there are none.</summary>
    public TimeSpan Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        var seen = 0L;
        for (var i = 0; i < _counts.Length; i++)
        {
            seen += _counts[i];
            if (seen >= wanted && seen > 0) return TimeSpan.FromMicroseconds(MiddleOf(i));
        }

        return TimeSpan.Zero;
    }

    private static int BucketOf(long microseconds)
    {
        if (microseconds < SubBuckets) return (int)microseconds;
        var exponent = BitOperations.Log2((ulong)microseconds) - SubBits;
        return (exponent << SubBits) + (int)(microseconds >> exponent);
    }

    private static long MiddleOf(int bucket)
    {
        if (bucket < SubBuckets) return bucket;
        var exponent = (bucket >> SubBits) - 1;
        return ((long)((bucket & (SubBuckets - 1)) + SubBuckets) << exponent) + ((1L << exponent) >> 1);
    }
}

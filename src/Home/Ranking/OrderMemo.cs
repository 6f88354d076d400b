using Kontor.Home.Sources;

namespace Kontor.Home.Ranking;

/// <summary>What an order was made from, beside who the reader is: while this is equal, so is the order.</summary>
/// <param name="Skeleton">Its number.</param>
/// <param name="Present">Which of its personal widgets have something to show.</param>
/// <param name="Day">Since 1970, UTC.</param>
/// <param name="Rates">The number of the click rates.</param>
internal readonly record struct OrderKey(long Skeleton, string Present, long Day, long Rates);

/// <summary>The places of a skeleton's parts in one reader's feed.</summary>
/// <param name="Parts">Their numbers in the skeleton, from the top of the feed down; those that are left out are missing.</param>
/// <param name="IsShared">Many readers have it.</param>
internal sealed record FeedOrder(ushort[] Parts, bool IsShared)
{
    /// <summary>Of the latest feed in this order; null before there was one.</summary>
    public FeedTag? Tag { get; set; }

    /// <summary>The feed, once it was written; only of one that many readers have.</summary>
    public byte[]? Json { get; set; }
}

/// <summary>A feed's ETag, and the hashes of the person's own content that is in it; the content itself may be forgotten.</summary>
internal sealed record FeedTag(byte[]?[] Own, string Text)
{
    public bool IsOf(IReadOnlyList<Snapshot?> personal)
    {
        if (personal.Count != Own.Length) return false;
        for (var i = 0; i < Own.Length; i++)
        {
            if (!Own[i].AsSpan().SequenceEqual(personal[i]?.Hash)) return false;
        }

        return true;
    }
}

/// <summary>The latest orders of one reader's feeds: a person has few kinds of devices.</summary>
internal sealed class OrderMemo
{
    private const int Max = 4;
    private const int BytesOfOrder = 350;
    private const int BytesOfPlace = 2;

    private volatile (OrderKey Key, FeedOrder Order)[] _latest = [];

    public FeedOrder? Find(OrderKey key)
    {
        foreach (var (known, order) in _latest)
        {
            if (known == key) return order;
        }

        return null;
    }

    /// <summary>In memory, roughly.</summary>
    public int Bytes => BytesOf(_latest);

    /// <summary>Of two who add at once one is forgotten, which costs somebody a little work.</summary>
    /// <returns>How many bytes it has grown by.</returns>
    public int Add(OrderKey key, FeedOrder order)
    {
        var before = _latest;
        // By the rates of another day nobody is answered any more, and such an order may hold a whole feed.
        (OrderKey, FeedOrder)[] latest =
            [(key, order), .. before.Where(one => (one.Key.Day, one.Key.Rates) == (key.Day, key.Rates)).Take(Max - 1)];
        _latest = latest;
        return BytesOf(latest) - BytesOf(before);
    }

    private static int BytesOf((OrderKey Key, FeedOrder Order)[] orders) => orders.Sum(one => BytesOf(one.Order));

    private static int BytesOf(FeedOrder order) => BytesOfOrder + (BytesOfPlace * order.Parts.Length) + (order.Json?.Length ?? 0);
}

using Kontor.Home.Feed;
using Kontor.Home.Ranking;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Simulation;

/// <summary>What would be another feed for one reader.</summary>
/// <param name="Moved">Widgets that stand elsewhere: from which place to which.</param>
/// <param name="Altered">Widgets that show something else.</param>
internal sealed record Change(
    Reader Reader, IReadOnlyList<string> Gained, IReadOnlyList<string> Lost, IReadOnlyList<(Standing From, Standing To)> Moved,
    IReadOnlyList<string> Altered, IReadOnlyList<WidgetSlot> Slots)
{
    public bool IsNone => Gained.Count == 0 && Lost.Count == 0 && Moved.Count == 0 && Altered.Count == 0;
}

/// <summary>What two models show the same readers.</summary>
internal static class FeedDifference
{
    public static List<Change> Between(
        FeedModel before, FeedModel after, FeedOrders orders, IReadOnlyList<Reader> readers, long now)
    {
        var (old, other) = (new Lineups(before, orders, now), new Lineups(after, orders, now));
        return [.. readers.Select(reader => Of(reader, old.Of(reader), other.Of(reader))).Where(change => !change.IsNone)];
    }

    private static Change Of(Reader reader, IReadOnlyList<Standing> before, IReadOnlyList<Standing> after)
    {
        var old = before.ToDictionary(one => one.Key, StringComparer.Ordinal);
        var now = after.ToDictionary(one => one.Key, StringComparer.Ordinal);
        var both = old.Keys.Where(now.ContainsKey).ToList();
        var slots = before.Concat(after).Select(one => one.Slot).Distinct()
            .Where(slot => !before.Where(one => one.Slot == slot).SequenceEqual(after.Where(one => one.Slot == slot))).Order();
        return new(
            reader,
            [.. now.Keys.Where(key => !old.ContainsKey(key))],
            [.. old.Keys.Where(key => !now.ContainsKey(key))],
            [.. both.Where(key => (old[key].Slot, old[key].Place) != (now[key].Slot, now[key].Place)).Select(key => (old[key], now[key]))],
            [.. both.Where(key => old[key].Says != now[key].Says)],
            [.. slots]);
    }
}

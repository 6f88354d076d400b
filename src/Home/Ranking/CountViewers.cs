using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Experiments;
using Kontor.Home.Insight;

namespace Kontor.Home.Ranking;

/// <summary>
/// Counts who saw and clicked which widget, each once a day, however much they send: nobody makes what feeds are ordered by alone. Without
/// administrators, who look at what they write, and without persons who want nothing personal.
/// </summary>
internal sealed class CountViewers : IFeedEventReader
{
    public async Task Seen(Tx tx, Visitor visitor, IReadOnlyList<FeedEvent> events, long now)
    {
        if (visitor.Segment == RoleNames.Admin) return;
        if (visitor.UserId is { } userId && await StoredTastes.Find(tx, userId) is { IsOn: false }) return;
        var counts = new SortedDictionary<(long Day, string WidgetId), StoredViewers.Counts>();
        foreach (var day in events.GroupBy(one => one.At / Clock.Day).OrderBy(day => day.Key))
        {
            foreach (var person in day.GroupBy(one => NameOf(visitor, one)).OrderBy(person => person.Key, StringComparer.Ordinal))
                await Count(tx, person.Key, day.Key, [.. person], counts);
        }

        await StoredViewers.Add(tx, visitor.Segment, counts);
    }

    private static async Task Count(
        Tx tx, string person, long day, List<FeedEvent> events, SortedDictionary<(long Day, string WidgetId), StoredViewers.Counts> counts)
    {
        foreach (var seen in await StoredViewers.See(tx, person, day, Widgets(events)))
            Add(seen.WidgetId, new(Viewers: 1, Clickers: 0, Newcomers: seen.FirstDay == seen.LastDay ? 1 : 0));
        var clicked = Widgets(events.Where(one => one.Kind == FeedEventKind.Click));
        if (clicked.Length == 0) return;
        foreach (var widgetId in await StoredViewers.Click(tx, person, day, clicked)) Add(widgetId, new(0, Clickers: 1, 0));

        void Add(string widgetId, StoredViewers.Counts more) =>
            counts[(day, widgetId)] = counts.GetValueOrDefault((day, widgetId)) + more;
    }

    private static string[] Widgets(IEnumerable<FeedEvent> events) => [.. events.Select(one => one.WidgetId).Distinct()];

    /// <summary>
    /// Strangers name their device and their feed as they like, so those of one network count for sixteen at most: less than what a
    /// segment needs.
    /// </summary>
    private static string NameOf(Visitor visitor, FeedEvent one) =>
        visitor.UserId ?? Devices.Hash($"{visitor.Network} {Devices.Hash(visitor.DeviceId ?? one.FeedId)[0]}");
}

using Kontor.Foundation.Security;
using Kontor.Home.Feed;
using Kontor.Home.Insight;
using Kontor.Home.Ranking;
using static Kontor.Home.Feed.ExplainHome;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Simulation;

/// <summary>One widget in a feed.</summary>
/// <param name="Place">In its slot, 0 first.</param>
/// <param name="Says">Differs when it shows something else.</param>
internal readonly record struct Standing(string Key, WidgetSlot Slot, int Place, string Says);

/// <summary>The feeds of one model, of readers whose own taste is not known: each made once for all who share it.</summary>
internal sealed class Lineups(FeedModel model, FeedOrders orders, long now)
{
    private readonly Dictionary<(Projection, string), IReadOnlyList<Standing>> _known = [];

    /// <summary>From the top down. Of a personal widget it is taken that there is something to show.</summary>
    public IReadOnlyList<Standing> Of(Reader reader)
    {
        var projection = Projection.Of(model, reader, now);
        var key = (projection, Visitor.SegmentOf(reader.User));
        return _known.TryGetValue(key, out var lineup) ? lineup : _known[key] = Arranged(projection, reader.User);
    }

    private List<Standing> Arranged(Projection projection, CurrentUser? user)
    {
        var shown = model.Widgets.Select(one => one.For(projection)).Where(one => model.Judge(one, projection) == Verdict.Shown)
            .ToDictionary(one => one.Widget.Id);
        var places = new Dictionary<WidgetSlot, int>();
        return
        [
            .. orders.Shared([.. shown.Values.Select(one => one.Candidate)], user).Placed.Select(placed =>
            {
                var one = shown[placed.Widget.Id];
                var slot = one.Widget.Target.Slot;
                var place = places[slot] = places.GetValueOrDefault(slot, -1) + 1;
                var content = one.Content is { } snapshot ? Convert.ToHexString(snapshot.Hash) : "";
                return new Standing(one.Widget.Key, slot, place, $"{one.Widget.Title(projection.Language)} {content}");
            }),
        ];
    }
}

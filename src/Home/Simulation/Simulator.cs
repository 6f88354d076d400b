using System.Text.Json;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Ranking;
using Kontor.Home.Segments;
using Kontor.Home.Widgets;
using Microsoft.Extensions.Options;
using static Kontor.Home.Simulation.SimulateFeed;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Simulation;

/// <summary>Tries a change on readers before it is published.</summary>
internal sealed class Simulator(
    FeedModels models, FeedOrders orders, RecordedReaders recorded, IOptions<HomeOptions> options, TimeProvider time)
{
    /// <summary>So many recorded readers say more than made-up ones.</summary>
    private const int EnoughRecorded = 50;

    public SimulateFeed.Response Try(Widget draft) => Try(settings => settings.With(Shown(draft)), null);

    public SimulateFeed.Response Try(Segment draft) => Try(settings => settings.With(draft), null);

    /// <summary>As if it were published.</summary>
    public static Widget Shown(Widget draft) => draft.State == WidgetState.Draft ? draft with { State = WidgetState.Published } : draft;

    /// <summary>Of the feeds, which one person alone may change on one day; null for all of them.</summary>
    public double? Limit => options.Value.SecondPersonShare < 1 ? options.Value.SecondPersonShare : null;

    /// <summary>The share of the feeds that the change would alter.</summary>
    public double ReachOf(Widget draft) => Decisive(Try(draft).Results).Share;

    public double ReachOf(Segment draft) => Decisive(Try(draft).Results).Share;

    /// <summary>The share of the recorded readers that belong to a segment; null when too few are known.</summary>
    public double? ShareOf(string segment)
    {
        var (readers, vocabulary) = (recorded.All, models.Current.Vocabulary);
        if (readers.Count < EnoughRecorded || vocabulary.Segment(segment)?.Rule is not { } rule) return null;
        return readers.Count(reader => rule.Matches(JsonElement.Parse(reader.Attributes(rule.Attributes))))
            / (double)readers.Count;
    }

    /// <summary>
    /// The result whose share is held against the limit: the larger one, because whoever is limited may be many of the recorded readers.
    /// </summary>
    public static SimulateFeed.Result Decisive(IReadOnlyList<SimulateFeed.Result> results) =>
        results.Where(one => one.On != ReaderKind.Recorded || one.Readers >= EnoughRecorded).MaxBy(one => one.Share)!;

    /// <param name="readers">Null for made-up and recorded ones.</param>
    public SimulateFeed.Response Try(Func<FeedSettings, FeedSettings> change, IReadOnlyList<Reader>? readers)
    {
        var (before, after) = models.Draft(change);
        var now = time.NowMs();
        if (readers is not null) return new([Told(ReaderKind.Given, readers, readers.Count)], null, false);
        var made = SyntheticReaders.Of(before, after, out var total);
        var known = recorded.All;
        List<SimulateFeed.Result> results = [Told(ReaderKind.Synthetic, made, total)];
        if (known.Count > 0) results.Add(Told(ReaderKind.Recorded, known, known.Count));
        return new(results, Limit, Decisive(results).Share > Limit);

        SimulateFeed.Result Told(ReaderKind kind, IReadOnlyList<Reader> on, long of) => SimulateFeed.Tell(
            kind, on.Count, of, FeedDifference.Between(before, after, orders, on, now), before, after);
    }
}

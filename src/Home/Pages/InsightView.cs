using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Experiments;
using Kontor.Home.Insight;
using Kontor.Ui;

namespace Kontor.Home;

/// <summary>What a page of insight shows: the numbers of a period, and the choice that led to them.</summary>
/// <param name="Action">The page's own address, to which its form goes.</param>
/// <param name="Days">Each day of the period, those without an event too; whole weeks where it is long.</param>
/// <param name="Problem">What was asked for cannot be; the numbers are those of the latest 28 days.</param>
public sealed record InsightView(
    string Action, DateOnly From, DateOnly To, DateOnly Today, string? Segment, InsightView.Line Total,
    IReadOnlyList<InsightView.Line> Days, IReadOnlyList<InsightView.Line> Widgets, IReadOnlyList<InsightView.Line> Positions,
    IReadOnlyList<InsightView.Line> Segments,
    IReadOnlyList<InsightView.Line> Experiments, Problem? Problem)
{
    /// <summary>More points than this lie on one another in a chart.</summary>
    private const int DaysShownMax = 100;

    private const int WeekDays = 7;

    /// <param name="Key">What it is the line of: a widget's id, a position ...</param>
    /// <param name="Name">How it is called, in the visitor's language where it has one.</param>
    /// <param name="Rate">Of clicks, 0 to 1, as <paramref name="Low"/> and <paramref name="High"/>; null when nothing was seen.</param>
    public sealed record Line(
        string Key, string Name, string? Detail, long Impressions, long Clicks, long Dismissals, double? Rate, double? Low, double? High)
    {
        internal static Line Of(EventSums sums, string name, string? detail = null) => new(
            sums.Key, name, detail, sums.Impressions, sums.Clicks, sums.Dismissals, sums.Rate?.Value, sums.Rate?.Low, sums.Rate?.High);
    }

    internal static Task<InsightView> Read(
        Database database, string action, string? from, string? to, string? segment, string? widgetId, long now, CancellationToken ct)
    {
        var (period, problem) = Period.Of(from, to, now);
        if (problem is not null) period = Period.EndingAt(now);
        var filter = new EventFilter(period, widgetId, segment is { Length: > 0 } ? segment : null);
        return database.Snapshot(async tx =>
        {
            var widgets = widgetId is null ? await EventNumbers.By(tx, Breakdown.Widget, filter) : [];
            var names = await EventNumbers.Names(tx, widgets.Select(one => one.Key));
            var tried = await EventNumbers.By(tx, Breakdown.Experiment, filter);
            var designs = await StoredExperiments.Designs(tx, tried.Select(one => Experiment.ReadStickyKey(one.Key).Key));
            return new InsightView(
                action, period.From, period.To, Period.DateOf(now / Clock.Day), filter.Segment,
                Line.Of(await EventNumbers.Total(tx, filter), ""),
                Fill(period, await EventNumbers.By(tx, Breakdown.Day, filter)),
                [.. widgets.Select(one => names.GetValueOrDefault(one.Key) is { } name
                    ? Line.Of(one, name.Title(Texts.Language), name.Key)
                    : Line.Of(one, one.Key))],
                [.. (await EventNumbers.By(tx, Breakdown.Position, filter)).Select(one => Line.Of(one, one.Key))],
                [.. (await EventNumbers.By(tx, Breakdown.Segment, filter)).Select(one => Line.Of(one, one.Key))],
                [.. tried.Select(one => Line.Of(one, NameOf(one, designs), $"{one.Variation}"))],
                problem);
        }, ct);
    }

    /// <summary>A variation's; empty when people were drawn anew since, for then another one may have its place.</summary>
    private static string NameOf(EventSums sums, IReadOnlyDictionary<string, Design> designs)
    {
        var (key, version) = Experiment.ReadStickyKey(sums.Key);
        return designs.GetValueOrDefault(key) is { } design && design.BucketVersion == version && sums.Variation < design.Variations.Count
            ? design.Variations[(int)sums.Variation].Name
            : "";
    }

    private static List<Line> Fill(Period period, List<EventSums> days)
    {
        var byDay = days.ToDictionary(one => long.Parse(one.Key, CultureInfo.InvariantCulture));
        var length = period.LastDay - period.FirstDay + 1 > DaysShownMax ? WeekDays : 1;
        var lines = new List<Line>();
        for (var day = period.FirstDay; day <= period.LastDay; day += length)
        {
            var (impressions, clicks, dismissals) = (0L, 0L, 0L);
            for (var one = day; one < day + length; one++)
            {
                if (!byDay.TryGetValue(one, out var sums)) continue;
                (impressions, clicks, dismissals) = (impressions + sums.Impressions, clicks + sums.Clicks, dismissals + sums.Dismissals);
            }

            var name = Period.DateOf(day).ToString(Texts.Day, CultureInfo.CurrentCulture);
            lines.Add(Line.Of(new($"{day}", 0, impressions, clicks, dismissals), name));
        }

        return lines;
    }
}

using System.Globalization;
using System.Text.Json.Serialization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Experiments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Insight;

/// <summary>
/// What readers saw, clicked and hid from one day to another, both included, in UTC: altogether, and told apart by one thing, or by each of
/// them when none is named. Without days it is the latest 28.
/// </summary>
public static class ShowAnalytics
{
    private static readonly Problem ByUnknown = new(
        400, "breakdown-unknown", "`by` is `widget`, `position`, `segment`, `experiment` or `day`.");

    /// <param name="ClickRate">Clicks for each impression, 0 to 1; null without impressions.</param>
    /// <param name="ClickRateLow">The rate lies between this and `clickRateHigh` with 95 % certainty (Wilson).</param>
    public sealed record Figures(
        long Impressions, long Clicks, long Dismissals, double? ClickRate, double? ClickRateLow, double? ClickRateHigh);

    /// <param name="Title">In English.</param>
    public sealed record WidgetFigures(string WidgetId, string? Key, string? Title, Figures Figures);

    /// <param name="Position">0 stands first, 50 is any further one; null when clients did not say.</param>
    public sealed record PositionFigures(int? Position, Figures Figures);

    /// <param name="Segment">The coarse kind of reader: `anonymous`, `customer`, `premium` or `admin`; null for what is older than 92
    /// days.</param>
    public sealed record SegmentFigures(string? Segment, Figures Figures);

    /// <param name="BucketVersion">Of the experiment; with another one begins anew who is given what.</param>
    public sealed record VariationFigures(string Experiment, long BucketVersion, long Variation, Figures Figures);

    /// <summary>What a running experiment has shown since it began, whatever days are asked for.</summary>
    /// <param name="Units">People and devices that saw it.</param>
    public sealed record RunningExperiment(
        string Experiment, ExperimentVerdict Verdict, string Sentence, long Units, ExperimentSampleRatio SampleRatio);

    public sealed record DayFigures(DateOnly Day, Figures Figures);

    /// <param name="Widgets">The most seen first; at most 500.</param>
    public sealed record Response(
        DateOnly From,
        DateOnly To,
        Figures Total,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<WidgetFigures>? Widgets,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<PositionFigures>? Positions,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<SegmentFigures>? Segments,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<VariationFigures>? Experiments,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<RunningExperiment>? Running,
        [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<DayFigures>? Days);

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("/home/analytics", Handle).WithName("ShowAnalytics");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        string? from, string? to, string? by, string? widgetId, string? segment, Database database, TimeProvider time,
        CancellationToken ct)
    {
        var (period, problem) = Period.Of(from, to, time.NowMs());
        if (problem is not null) return problem.ToResult();
        if (by is not (null or "widget" or "position" or "segment" or "experiment" or "day")) return ByUnknown.ToResult();
        var filter = new EventFilter(period, widgetId, segment);
        return TypedResults.Ok(await database.Snapshot(async tx => new Response(
            period.From,
            period.To,
            Of(await EventNumbers.Total(tx, filter)),
            by is null or "widget" ? await Widgets(tx, filter) : null,
            by is null or "position" ? await List(tx, Breakdown.Position, filter, Position) : null,
            by is null or "segment"
                ? await List(tx, Breakdown.Segment, filter, one => new SegmentFigures(one.Key is "" ? null : one.Key, Of(one)))
                : null,
            by is null or "experiment"
                ? await List(tx, Breakdown.Experiment, filter, Variation)
                : null,
            by is null or "experiment"
                ? [.. (await Findings.OfRunning(tx)).Select(
                    one => new RunningExperiment(one.Key, one.Verdict, one.Sentence, one.Units, one.SampleRatio))]
                : null,
            by is null or "day" ? await List(tx, Breakdown.Day, filter, Day) : null), ct));
    }

    private static async Task<IReadOnlyList<WidgetFigures>> Widgets(Tx tx, EventFilter filter)
    {
        var sums = await EventNumbers.By(tx, Breakdown.Widget, filter);
        var names = await EventNumbers.Names(tx, sums.Select(one => one.Key));
        return [.. sums.Select(one => names.GetValueOrDefault(one.Key) is { } name
            ? new WidgetFigures(one.Key, name.Key, name.Title("en"), Of(one))
            : new WidgetFigures(one.Key, null, null, Of(one)))];
    }

    private static async Task<IReadOnlyList<T>> List<T>(Tx tx, Breakdown by, EventFilter filter, Func<EventSums, T> view) =>
        [.. (await EventNumbers.By(tx, by, filter)).Select(view)];

    private static PositionFigures Position(EventSums one)
    {
        var position = int.Parse(one.Key, CultureInfo.InvariantCulture);
        return new(position == EventCounts.PositionUnknown ? null : position, Of(one));
    }

    private static VariationFigures Variation(EventSums one)
    {
        var (key, version) = Experiment.ReadStickyKey(one.Key);
        return new(key, version, one.Variation, Of(one));
    }

    private static DayFigures Day(EventSums one) => new(Period.DateOf(long.Parse(one.Key, CultureInfo.InvariantCulture)), Of(one));

    private static Figures Of(EventSums one) => new(
        one.Impressions, one.Clicks, one.Dismissals, Round(one.Rate?.Value), Round(one.Rate?.Low), Round(one.Rate?.High));

    private static double? Round(double? share) => share is { } one ? Math.Round(one, 6) : null;
}

using Kontor.Foundation.Time;

namespace Kontor.Home.Ranking;

/// <summary>A widget that may be shown, as far as its place depends on it.</summary>
/// <param name="Product">The team whose widget it is.</param>
/// <param name="Category">Null where it has none.</param>
/// <param name="Pin">The place in the feed that it has whatever its score, from 0; null for most.</param>
internal sealed record Candidate(string Id, string Key, string Product, string? Category, long Priority, int? Pin = null);

/// <summary>Whose feed it is.</summary>
/// <param name="Unit">The person, or the device of somebody who is not signed in; decides what is tried on them.</param>
/// <param name="Segments">The narrowest first.</param>
/// <param name="Taste">Null for who is not known, or has switched it off; as <paramref name="Impressions"/>.</param>
internal sealed record Viewer(string Unit, IReadOnlyList<string> Segments, Taste? Taste = null, Impressions? Impressions = null);

/// <summary>
/// Why a widget stands where it stands: a sum that a person can read, in points of priority.
/// </summary>
/// <param name="ClickRate">What is believed of the widget in <paramref name="Segment"/>.</param>
/// <param name="Exploration">
/// How far a draw from what it might be as well lies above that, or below: Thompson sampling (Thompson: On the Likelihood that One Unknown
/// Probability Exceeds Another, 1933). The less is known the further it may lie.
/// </param>
internal sealed record Score(double Priority, double Affinity, double ClickRate, double Exploration, double Fatigue, string Segment)
{
    public double Total => Priority + Affinity + ClickRate + Exploration - Fatigue;

    public static Score Of(Candidate widget, Viewer viewer, ClickRates rates, RankingOptions options, long now)
    {
        var affinity = widget.Category is { } category ? viewer.Taste?.Of(category, now) ?? 0 : 0;
        var (segment, counter) = rates.Of(widget.Id, viewer.Segments, options.SegmentImpressionsMin);
        // More clicks than impressions happen when impressions were lost on their way.
        var clicks = options.PriorClicks + Math.Min(counter.Clicks, counter.Impressions);
        var misses = options.PriorMisses + Math.Max(0, counter.Impressions - counter.Clicks);
        var rate = clicks / (clicks + misses);
        var drawn = options.Exploration == 0 ? rate : Draws.For(viewer.Unit, widget.Id, now / Clock.Day).Beta(clicks, misses);
        var inVain = viewer.Impressions?.InVain(widget.Id, now, (long)(options.FatigueHalfLifeHours * Clock.Hour)) ?? 0;
        return new(
            widget.Priority,
            options.AffinityPoints * affinity,
            options.ClickPoints * rate,
            options.ClickPoints * options.Exploration * (drawn - rate),
            options.FatiguePoints * inVain,
            segment);
    }
}

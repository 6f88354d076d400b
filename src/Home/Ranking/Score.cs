using Kontor.Foundation.Time;

namespace Kontor.Home.Ranking;

/// <summary>A widget that may be shown, as far as its place depends on it.</summary>
/// <param name="Product">The team whose widget it is.</param>
/// <param name="Pin">The place in its slot that it has whatever its score, from 0; null for most.</param>
/// <param name="Slot">The part of the feed; parts stand below each other in this order.</param>
internal sealed record Candidate(
    string Id, string Key, string Product, string? Category, long Priority, int? Pin = null, int Slot = 0);

/// <summary>Whose feed it is.</summary>
/// <param name="Unit">The person; decides what is tried on them. Null for strangers and whoever wants nothing personal.</param>
/// <param name="Segments">The narrowest first.</param>
/// <param name="Taste">Null together with <paramref name="Unit"/>, as <paramref name="Impressions"/>.</param>
internal sealed record Viewer(string? Unit, IReadOnlyList<string> Segments, Taste? Taste = null, Impressions? Impressions = null);

/// <summary>
/// Why a widget stands where it stands: a sum that a person can read, in points of priority. It is the same all day long (UTC), unless the
/// person clicks something.
/// </summary>
/// <param name="ClickRate">What is believed of the widget in <paramref name="Segment"/>.</param>
/// <param name="Exploration">
/// How far a draw from what it might be as well lies above that, or below: Thompson sampling (Thompson: On the Likelihood that One Unknown
/// Probability Exceeds Another, 1933). The less is known the further it may lie.
/// </param>
internal readonly record struct Score(
    double Priority, double Affinity, double ClickRate, double Exploration, double Fatigue, string Segment)
{
    public double Total => Priority + Affinity + ClickRate + Exploration - Fatigue;

    /// <param name="day">Since 1970, UTC.</param>
    public static Score Of(Candidate widget, Viewer viewer, Facts seen, ClickRates rates, RankingOptions options, long day)
    {
        var affinity = widget.Category is { } category ? viewer.Taste?.Of(category, day * Clock.Day) ?? 0 : 0;
        var (segment, counter) = rates.Of(widget.Id, viewer.Segments, options.SegmentPersonsMin);
        var clicks = options.PriorClicks + counter.Clickers;
        var misses = options.PriorMisses + counter.Viewers - counter.Clickers;
        var rate = clicks / (clicks + misses);
        return new(
            widget.Priority,
            options.AffinityPoints * affinity,
            options.ClickPoints * rate,
            viewer.Unit is null || options.Exploration == 0 ? 0 : Tried(widget, viewer.Unit, clicks, misses, options, day),
            options.FatiguePoints * seen.InVain,
            segment);
    }

    private static double Tried(Candidate widget, string unit, double clicks, double misses, RankingOptions options, long day)
    {
        var drawn = Draws.For(unit, widget.Id, day).Beta(clicks, misses);
        var points = options.ClickPoints * options.Exploration * (drawn - (clicks / (clicks + misses)));
        return Math.Clamp(points, -options.ExplorationPointsMax, options.ExplorationPointsMax);
    }
}

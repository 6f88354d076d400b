using System.ComponentModel.DataAnnotations;

namespace Kontor.Home.Ranking;

/// <summary>
/// How much each reason to show a widget weighs, in points of its priority. Configured under `Home:Ranking`.
/// </summary>
internal sealed class RankingOptions
{
    /// <summary>For a widget of the category that a person likes most, if nothing else was ever liked.</summary>
    [Range(0, 10_000)]
    public double AffinityPoints { get; set; } = 20;

    /// <summary>For a widget that everybody clicks whenever it is seen. Usual rates are a few hundredths, so usual terms are a few points.</summary>
    [Range(0, 100_000)]
    public double ClickPoints { get; set; } = 400;

    /// <summary>1 shows what nobody knows enough about as often as it may be the best; 0 never tries anything.</summary>
    [Range(0, 10)]
    public double Exploration { get; set; } = 1;

    /// <summary>Taken off for each time that a person saw the widget lately and did not click it.</summary>
    [Range(0, 10_000)]
    public double FatiguePoints { get; set; } = 2;

    /// <summary>Half of the fatigue has passed after so many hours.</summary>
    [Range(1, 24 * 365)]
    public double FatigueHalfLifeHours { get; set; } = 72;

    /// <summary>What was liked counts half after so many days without a sign of it.</summary>
    [Range(1, 3650)]
    public double AffinityHalfLifeDays { get; set; } = 14;

    /// <summary>A widget of the same category as its neighbour above stands below one that is worth up to so many points less.</summary>
    [Range(0, 10_000)]
    public double DiversityPoints { get; set; } = 6;

    /// <summary>Clicks and misses that every widget is thought to have had before the first: a rate of 2 in 100, hardly believed.</summary>
    [Range(0.01, 1000)]
    public double PriorClicks { get; set; } = 1;

    [Range(0.01, 100_000)]
    public double PriorMisses { get; set; } = 49;

    /// <summary>A segment's own rate is believed from so many impressions on; before, and for smaller segments, the wider one's is.</summary>
    [Range(1, 1_000_000)]
    public long SegmentImpressionsMin { get; set; } = 50;

    /// <summary>Widgets in one feed from one product team; pinned ones count, and stay.</summary>
    [Range(1, 1000)]
    public int ProductMax { get; set; } = 6;

    /// <summary>Widgets in one feed of one category.</summary>
    [Range(1, 1000)]
    public int CategoryMax { get; set; } = 4;

    /// <summary>Times that one person is shown one widget in 24 hours.</summary>
    [Range(1, 1000)]
    public int DayMax { get; set; } = 20;

    /// <summary>For so many days a widget stays away that a person sent away.</summary>
    [Range(1, 3650)]
    public int DismissedDays { get; set; } = 30;
}

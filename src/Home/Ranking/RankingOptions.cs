using System.ComponentModel.DataAnnotations;

namespace Kontor.Home.Ranking;

/// <summary>
/// How much each reason to show a widget weighs, in points of its priority, of which editors use hundreds: what is to stand clearly above
/// gets a hundred more. Configured under `Home:Ranking`.
/// </summary>
internal sealed class RankingOptions
{
    /// <summary>For a widget of the category that a person likes most: as much as an editor's step, so that a taste can turn one.</summary>
    [Range(0, 10_000)]
    public double AffinityPoints { get; set; } = 100;

    /// <summary>For a widget that everybody clicks who sees it. Usual rates are a few hundredths, so usual terms are tens.</summary>
    [Range(0, 100_000)]
    public double ClickPoints { get; set; } = 1500;

    /// <summary>1 shows what nobody knows enough about as often as it may be the best; 0 never tries anything.</summary>
    [Range(0, 10)]
    public double Exploration { get; set; } = 1;

    /// <summary>
    /// Trying takes or gives so many points at most: less than half of an editor's step, so that luck alone never turns one.
    /// </summary>
    [Range(0, 10_000)]
    public double ExplorationPointsMax { get; set; } = 45;

    /// <summary>Taken off for each earlier day on which a person saw the widget in vain: a week of it is a third of a step.</summary>
    [Range(0, 10_000)]
    public double FatiguePoints { get; set; } = 8;

    /// <summary>Half of the fatigue has passed after so many days: what was skipped before the weekend may be new after it.</summary>
    [Range(0.1, 365)]
    public double FatigueHalfLifeDays { get; set; } = 3;

    /// <summary>What was liked counts half after so many days without a sign of it: people plan a tour for weeks, not for a year.</summary>
    [Range(0.1, 3650)]
    public double AffinityHalfLifeDays { get; set; } = 14;

    /// <summary>
    /// A widget of the same category as its neighbour above stands below one that is worth up to so many points less; a quarter of a step.
    /// </summary>
    [Range(0, 10_000)]
    public double DiversityPoints { get; set; } = 25;

    /// <summary>Clicks and misses that every widget is thought to have had before the first: a rate of 2 in 100, hardly believed.</summary>
    [Range(0.01, 1000)]
    public double PriorClicks { get; set; } = 1;

    [Range(0.01, 100_000)]
    public double PriorMisses { get; set; } = 49;

    /// <summary>
    /// A segment's own rate is believed once so many different persons saw the widget, before that a wider one's, and at last everybody's
    /// from as many on: a single person's clicks neither tell of them nor move the feeds of others.
    /// </summary>
    [Range(50, 1_000_000)]
    public long SegmentPersonsMin { get; set; } = 50;

    /// <summary>Clicks of so many days make a rate: more would be of another season, fewer would be noise.</summary>
    [Range(1, 90)]
    public int RateDays { get; set; } = 28;

    /// <summary>The rates are read so often; they are of days that are over, so hardly anything changes between.</summary>
    [Range(1, 24 * 60)]
    public int RateMinutes { get; set; } = 10;

    /// <summary>Widgets in one feed from one product team; pinned ones count, and stay. So many fill ten screens of a phone.</summary>
    [Range(1, 1000)]
    public int ProductMax { get; set; } = 12;

    /// <summary>Widgets in one feed of one category: two thirds of a team's, so that a team with one subject leaves room too.</summary>
    [Range(1, 1000)]
    public int CategoryMax { get; set; } = 8;

    /// <summary>Teams to which those two caps do not apply: whoever edits the page decides how much of their own is on it.</summary>
    public IReadOnlyList<string> UncappedTeams { get; set; } = ["home"];

    /// <summary>Visits on one day (UTC) at which a person is shown one widget; then it has had its chances.</summary>
    [Range(1, 48)]
    public int DayMax { get; set; } = 12;

    /// <summary>The cap for a day leaves so many widgets: whoever comes all day long is not to find an empty page.</summary>
    [Range(0, 1000)]
    public int DayLeaves { get; set; } = 6;

    /// <summary>For so many days a widget stays away that a person sent away.</summary>
    [Range(1, 3650)]
    public int DismissedDays { get; set; } = 30;

    /// <summary>Memory for what is known of persons and for what their feeds are made from; about 100,000 persons at least.</summary>
    [Range(1, 64 * 1024)]
    public int MegabytesMax { get; set; } = 256;
}

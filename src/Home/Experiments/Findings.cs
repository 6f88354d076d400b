using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Widgets;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>What an experiment has shown so far.</summary>
public enum ExperimentVerdict
{
    /// <summary>Nobody has seen it.</summary>
    NoData,

    /// <summary>
    /// The groups are not of the sizes that they should be, so something else is wrong too; or clicks decide, and a variation has nothing
    /// to click any more.
    /// </summary>
    Untrusted,

    TooFew,

    Undecided,

    /// <summary>A variation is better than the control, however often it was looked at.</summary>
    Better,

    /// <summary>Every variation is worse than the control, likewise.</summary>
    Worse,
}

/// <param name="Verdict">What to do with it; the sentence says the same.</param>
/// <param name="Leader">The key of the variation that the verdict is about; null when it is about none.</param>
/// <param name="Sentence">In English, in plain words.</param>
/// <param name="Units">People and devices that saw it, each once.</param>
/// <param name="Methods">How the numbers came about, and what to mind.</param>
public sealed record ExperimentResults(
    string Key, string Name, ExperimentState State, string? Decision, string Goal, long BucketVersion, DateTimeOffset? StartedAt,
    ExperimentVerdict Verdict, string? Leader, string Sentence, long Units, ExperimentSampleRatio SampleRatio,
    IReadOnlyList<VariationResult> Variations, IReadOnlyList<string> Warnings, IReadOnlyList<string> Methods);

/// <param name="P">How probable groups so uneven are by chance alone.</param>
/// <param name="IsWrong">Less than one in a thousand: the results cannot be trusted.</param>
public sealed record ExperimentSampleRatio(double ChiSquare, double P, bool IsWrong);

/// <param name="Share">That it should have of all units, 0 to 1.</param>
/// <param name="Goal">Units that clicked one of its widgets, or reached the goal.</param>
/// <param name="FeedClicks">A guardrail: units that clicked anything in the feed.</param>
/// <param name="Dismissals">A guardrail: units that dismissed one of its widgets.</param>
public sealed record VariationResult(
    string Key, string Name, bool IsControl, double Share, long Units, MetricResult Goal, MetricResult FeedClicks, MetricResult Dismissals);

/// <param name="Rate">For each unit, 0 to 1.</param>
/// <param name="Clicks">Altogether, where it counts something that can be done twice.</param>
/// <param name="Lift">Against the control; null for the control, and while there is nobody to compare.</param>
public sealed record MetricResult(long Units, double Rate, long Clicks, ExperimentLift? Lift);

/// <summary>Reads what was counted and says what it means.</summary>
internal static class Findings
{
    /// <summary>In each group; the approximations want some.</summary>
    public const long UnitsMin = 100;

    /// <summary>Below this probability the groups did not come about by chance.</summary>
    public const double SampleRatioP = 0.001;

    /// <param name="widgets">Those that name the experiment.</param>
    public static async Task<ExperimentResults> Of(Tx tx, StoredExperiment experiment, IReadOnlyList<Widget> widgets)
    {
        var design = experiment.Design;
        var sums = await StoredAssignments.Sums(tx, experiment.Key, design.BucketVersion, design.Goal != ClickGoal);
        var isOut = experiment.State == ExperimentState.Running
            && ExperimentRules.OutOfReach(design, StoredExperiments.ShownIn(widgets)).Count > 0;
        return Of(experiment, isOut, [.. design.Variations.Select(one =>
            sums.FirstOrDefault(sum => sum.Variation == one.Key) ?? new(one.Key, 0, 0, 0, 0, 0, 0, 0))]);
    }

    /// <summary>Of all that run, by key.</summary>
    public static async Task<List<ExperimentResults>> OfRunning(Tx tx)
    {
        var results = new List<ExperimentResults>();
        var widgets = (await StoredWidgets.Live(tx)).ToLookup(widget => widget.Target.Experiment?.Key);
        foreach (var one in (await StoredExperiments.Live(tx)).Where(one => one.State == ExperimentState.Running))
            results.Add(await Of(tx, one, [.. widgets[one.Key]]));
        return results;
    }

    /// <param name="isOut">A variation has nothing to click any more.</param>
    /// <param name="sums">One for each variation, in their order.</param>
    private static ExperimentResults Of(StoredExperiment experiment, bool isOut, IReadOnlyList<StoredAssignments.Sum> sums)
    {
        var design = experiment.Design;
        var shares = SharesOf(design);
        var (chiSquare, p) = Statistics.SampleRatio([.. sums.Select(sum => sum.Units)], shares);
        var ratio = new ExperimentSampleRatio(chiSquare, p, p < SampleRatioP);
        var comparisons = design.Variations.Count - 1;
        var control = sums[0];
        var variations = design.Variations.Select((one, i) => new VariationResult(
            one.Key, one.Name, i == 0, shares[i], sums[i].Units,
            Metric(i, sum => sum.Converted, sums[i].Clicks),
            Metric(i, sum => sum.FeedClicked, sums[i].FeedClicks),
            Metric(i, sum => sum.Dismissed, sums[i].Dismissals))).ToList();
        var (verdict, leader) = Judge(variations, ratio.IsWrong || isOut);
        var results = new ExperimentResults(
            experiment.Key, design.Name, experiment.State, experiment.Decision, design.Goal, design.BucketVersion,
            experiment.StartedAt?.ToTime(), verdict, leader?.Key, "", sums.Sum(sum => sum.Units), ratio, variations,
            Warnings(variations, ratio, isOut), Methods(comparisons));
        return results with { Sentence = ResultWords.Sentence(results, static (english, values) => string.Format(null, english, values)) };

        MetricResult Metric(int i, Func<StoredAssignments.Sum, long> did, long times)
        {
            var share = new Share(did(sums[i]), sums[i].Units);
            var lift = i == 0 ? null : Statistics.Lift(new(did(control), control.Units), share, comparisons);
            return new(share.Count, share.Rate, times, lift);
        }
    }

    /// <summary>Of those who take part, how many should be in each group.</summary>
    public static double[] SharesOf(Design design)
    {
        var lengths = design.Ranges is { } ranges
            ? [.. ranges.Select(range => range[1] - range[0])]
            : design.Weights?.ToArray() ?? Bucketing.EqualWeights(design.Variations.Count);
        var total = lengths.Sum();
        return total > 0 ? Array.ConvertAll(lengths, length => length / total) : lengths;
    }

    private static (ExperimentVerdict Verdict, VariationResult? Leader) Judge(
        IReadOnlyList<VariationResult> variations, bool isWrong)
    {
        if (variations.All(one => one.Units == 0)) return (ExperimentVerdict.NoData, null);
        if (isWrong) return (ExperimentVerdict.Untrusted, null);
        // A group that should be empty has nobody to wait for.
        var compared = variations.Where(one => !one.IsControl && one.Share > 0).ToList();
        if (compared.Count == 0 || variations.Any(one => one.Share > 0 && one.Units < UnitsMin)) return (ExperimentVerdict.TooFew, null);
        // One of them may be ahead by luck while another is known to be better.
        if (compared.MaxBy(one => one.Goal.Lift?.AlwaysLow) is { Goal.Lift.AlwaysLow: > 0 } best) return (ExperimentVerdict.Better, best);
        var open = compared.Where(one => one.Goal.Lift is not { AlwaysHigh: < 0 }).ToList();
        return open.Count == 0
            ? (ExperimentVerdict.Worse, compared.MaxBy(one => one.Goal.Lift!.Estimate))
            : (ExperimentVerdict.Undecided, open.MaxBy(one => one.Goal.Lift?.Estimate));
    }

    private static List<string> Warnings(IReadOnlyList<VariationResult> variations, ExperimentSampleRatio ratio, bool isOut)
    {
        var warnings = new List<string>();
        if (ratio.IsWrong) warnings.Add(ResultWords.SampleRatioWrong);
        if (isOut) warnings.Add(ResultWords.NothingToClick);
        warnings.AddRange(ResultWords.Guardrails(variations).Select(one => $"{one.Name}: {one.Warning}"));
        return warnings;
    }

    private static IReadOnlyList<string> Methods(int comparisons) =>
    [
        ResultWords.UnitMethod, ResultWords.LiftMethod, ResultWords.SequentialMethod, ResultWords.SampleRatioMethod,
        .. comparisons > 1 ? [ResultWords.BonferroniMethod] : Array.Empty<string>(),
    ];
}

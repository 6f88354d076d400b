using System.Globalization;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>Results in plain words; the page says them in the visitor's language.</summary>
internal static class ResultWords
{
    /// <summary>Ten times as much again: a lift above it says that the control has nearly nothing.</summary>
    private const double LiftSaidMax = 10;

    public const string SampleRatioWrong =
        "The groups are not of the sizes that they should be. Something is wrong, and the results cannot be trusted.";

    public const string NothingToClick =
        "Nobody can click a variation without a published widget: publish one again, or stop the experiment. Until then the results cannot "
        + "be trusted.";

    public const string MoreDismissals = "more people dismiss it.";
    public const string FewerFeedClicks = "fewer people click anything in the feed.";

    public const string UnitMethod =
        "Each person, or device without an account, counts once: from the moment at which a widget of the experiment was on their screen; "
        + "where a variation shows nothing, anything of the feed.";

    public const string LiftMethod =
        "The lift is the ratio of two rates; its 95 % interval is by the normal approximation of its logarithm (Katz et al. 1978), and "
        + "holds for one look.";

    public const string SequentialMethod =
        "The wider interval holds however often you look (an asymptotic confidence sequence, Waudby-Smith et al. 2021). It decides.";

    public const string SampleRatioMethod =
        "The sizes of the groups are checked by Pearson's chi-square; below a probability of 0.001 nothing else here can be trusted.";

    public const string BonferroniMethod =
        "With several variations the intervals are wider, so that all of them hold together (Bonferroni).";

    /// <summary>Variations that do harm elsewhere.</summary>
    public static IEnumerable<(string Name, string Warning)> Guardrails(IEnumerable<VariationResult> variations)
    {
        foreach (var one in variations.Where(one => one.Units >= Findings.UnitsMin))
        {
            if (one.Dismissals.Lift is { AlwaysLow: > 0 }) yield return (one.Name, MoreDismissals);
            if (one.FeedClicks.Lift is { AlwaysHigh: < 0 }) yield return (one.Name, FewerFeedClicks);
        }
    }

    /// <param name="say">Translates a sentence and puts values into it.</param>
    public static string Sentence(ExperimentResults results, Func<string, object?[], string> say)
    {
        var leader = results.Variations.FirstOrDefault(one => one.Key == results.Leader);
        var units = results.Units.ToString("N0", CultureInfo.CurrentCulture);
        return results.Verdict switch
        {
            ExperimentVerdict.NoData => say("Nobody has seen it yet.", []),
            ExperimentVerdict.Untrusted => say(results.SampleRatio.IsWrong ? SampleRatioWrong : NothingToClick, []),
            ExperimentVerdict.TooFew => say(
                "{0} people saw it: too few to say anything. There should be at least {1} in each group.", [units, Findings.UnitsMin]),
            ExperimentVerdict.Better when IsBeyond(leader!) && results.Goal == ClickGoal => say(
                "“{0}” brings at least {2} more clicks; the control has too few to say how many more. {4} people saw it. Enough to decide.",
                Values(leader!, units)),
            ExperimentVerdict.Better when IsBeyond(leader!) => say(
                "“{0}” reaches the goal at least {2} more often; the control does too seldom to say how much more. {4} people saw it. "
                + "Enough to decide.",
                Values(leader!, units)),
            ExperimentVerdict.Better when results.Goal == ClickGoal => say(
                "“{0}” brings {1} more clicks; between {2} and {3}. {4} people saw it. Enough to decide.", Values(leader!, units)),
            ExperimentVerdict.Better => say(
                "“{0}” reaches the goal {1} more often; between {2} and {3}. {4} people saw it. Enough to decide.",
                Values(leader!, units)),
            ExperimentVerdict.Worse when results.Goal == ClickGoal => say(
                "“{0}” brings {1} fewer clicks; between {3} and {2}. {4} people saw it. Enough to decide for the control.",
                Values(leader!, units)),
            ExperimentVerdict.Worse => say(
                "“{0}” reaches the goal {1} less often; between {3} and {2}. {4} people saw it. Enough to decide for the control.",
                Values(leader!, units)),
            _ when IsBeyond(leader!) => say(
                "“{0}” may lie anywhere between {2} below the control and more than ten times as much. {4} people saw it. "
                + "Not enough to decide.",
                Values(leader!, units)),
            _ => say(
                "“{0}” may lie anywhere between {2} below and {3} above the control. {4} people saw it. Not enough to decide.",
                Values(leader!, units)),
        };
    }

    /// <summary>The verdict is about the interval that holds for many looks, so that is the one in the sentence.</summary>
    private static object?[] Values(VariationResult leader, string units)
    {
        var lift = leader.Goal.Lift!;
        return [leader.Name, Percent(lift.Estimate), Percent(lift.AlwaysLow), Percent(lift.AlwaysHigh), units];
    }

    private static bool IsBeyond(VariationResult leader) => leader.Goal.Lift!.AlwaysHigh > LiftSaidMax;

    /// <summary>With its sign; what is beyond all measure is not said to the per cent.</summary>
    public static string Signed(double lift) => lift switch
    {
        > LiftSaidMax => "> +" + Percent(LiftSaidMax),
        < 0 => "−" + Percent(lift),
        _ => "+" + Percent(lift),
    };

    /// <summary>Without its sign, with a decimal where it is small.</summary>
    public static string Percent(double share)
    {
        var percent = Math.Abs(share) * 100;
        return percent.ToString(percent < 9.95 ? "0.#" : "N0", CultureInfo.CurrentCulture) + " %";
    }
}

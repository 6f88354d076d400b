using static Kontor.Home.Feed.ExplainHome;

namespace Kontor.Home.Ranking;

/// <summary>Why a widget stands where it stands, in points of priority; in whole ones and tenths, as people read them.</summary>
/// <param name="Total">The sum of all, without the diversity.</param>
/// <param name="Affinity">For how much the reader likes its category.</param>
/// <param name="ClickRate">For how often it is clicked by the <paramref name="Segment"/>.</param>
/// <param name="Exploration">More or less, because too little is known of it and somebody has to try.</param>
/// <param name="Fatigue">Taken off, because the reader saw it on earlier days and did not click it.</param>
/// <param name="Diversity">Taken off, because its neighbour above is of the same category.</param>
/// <param name="Team">To whose cap it counts, as to its category's.</param>
/// <param name="Segment">Whose clicks are meant: `all` where too few of the reader's kind saw it.</param>
/// <param name="Pin">Its place in its slot, whatever the score.</param>
public sealed record ExplainedScore(
    double Total, double Priority, double Affinity, double ClickRate, double Exploration, double Fatigue, double Diversity,
    string Team, string? Category, string Segment, int? Pin)
{
    /// <summary>What became of the widgets that could be shown.</summary>
    internal static Dictionary<string, (Verdict Verdict, int? Position, ExplainedScore Score)> Of(Arrangement arrangement)
    {
        var explained = new Dictionary<string, (Verdict, int?, ExplainedScore)>(StringComparer.Ordinal);
        foreach (var one in arrangement.Placed)
            explained[one.Widget.Id] = (Verdict.Shown, explained.Count, Of(one.Widget, one.Score, one.Diversity));
        foreach (var one in arrangement.Dropped)
            explained[one.Widget.Id] = (VerdictOf(one.Cap), null, Of(one.Widget, one.Score, 0));
        return explained;
    }

    private static ExplainedScore Of(Candidate widget, Score score, double diversity) => new(
        Tenths(score.Total), score.Priority, Tenths(score.Affinity), Tenths(score.ClickRate), Tenths(score.Exploration),
        Tenths(score.Fatigue), diversity, widget.Product, widget.Category, score.Segment, widget.Pin);

    private static double Tenths(double points) => Math.Round(points, 1);

    private static Verdict VerdictOf(Cap cap) => cap switch
    {
        Cap.Product => Verdict.TeamCap,
        Cap.Category => Verdict.CategoryCap,
        Cap.Day => Verdict.DayCap,
        _ => Verdict.Dismissed,
    };
}

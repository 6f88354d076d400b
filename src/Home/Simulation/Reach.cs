using Kontor.Foundation;
using Kontor.Home.Segments;
using Kontor.Home.Widgets;

namespace Kontor.Home.Simulation;

/// <summary>
/// How far a change reaches, where a limit makes it matter. It is tried on readers between two runs of the transaction that stores it,
/// never within: that takes longer than others who write may be kept waiting.
/// </summary>
internal sealed class Reach(Simulator simulator)
{
    /// <summary>A change that is another each time is somebody else's as often.</summary>
    private const int RunsMax = 5;

    private (string Draft, Func<double> Try)? _asked;
    private string? _known;

    /// <summary>Of the feeds that what was tried last would alter, 0 to 1.</summary>
    public double Share { get; private set; }

    /// <param name="write">Does nothing where it finds that the reach of its change is not known yet, and then runs again.</param>
    public static async Task<Outcome<T>> Of<T>(Simulator simulator, Func<Reach, Task<Outcome<T>>> write)
    {
        var reach = new Reach(simulator);
        for (var run = 1; ; run++)
        {
            var outcome = await write(reach);
            if (reach._asked is not { } asked || run == RunsMax) return outcome;
            (reach._asked, reach._known, reach.Share) = (null, asked.Draft, asked.Try());
        }
    }

    /// <summary>Whether <see cref="Share"/> is that of this draft, or does not matter.</summary>
    public bool IsKnown(Widget draft) => IsKnown(WidgetView.Json(draft), () => simulator.ReachOf(draft));

    public bool IsKnown(Segment draft) => IsKnown($"{draft.Version} {draft.Rule}", () => simulator.ReachOf(draft));

    private bool IsKnown(string draft, Func<double> attempt)
    {
        if (simulator.Limit is null || _known == draft) return true;
        _asked = (draft, attempt);
        return false;
    }
}

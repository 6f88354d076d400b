using System.Collections.Frozen;

namespace Kontor.Home.Ranking;

/// <summary>How often something was on a screen, and clicked: of each person once a day.</summary>
/// <param name="Persons">So many different ones saw it at least.</param>
internal readonly record struct Counter(long Viewers, long Clickers, long Persons)
{
    public static Counter operator +(Counter one, Counter other) =>
        new(one.Viewers + other.Viewers, one.Clickers + other.Clickers, one.Persons + other.Persons);
}

/// <summary>
/// How often which segment clicks which widget, at one moment. A small segment would tell about single people and know little, so it is
/// answered by the next wider one, and at last by everybody; of what hardly anybody saw nothing is known.
/// </summary>
/// <param name="number">Differs where the counters do, within this process.</param>
internal sealed class ClickRates(IReadOnlyDictionary<(string WidgetId, string Segment), Counter> counters, long number = 0)
{
    /// <summary>The segment of everybody.</summary>
    public const string All = "all";

    private readonly FrozenDictionary<(string WidgetId, string Segment), Counter> _counters = counters.ToFrozenDictionary();

    public long Number => number;

    public static ClickRates None { get; } = new(new Dictionary<(string WidgetId, string Segment), Counter>());

    public bool Says(IReadOnlyDictionary<(string WidgetId, string Segment), Counter> others) =>
        others.Count == _counters.Count && others.All(one => _counters.TryGetValue(one.Key, out var mine) && mine == one.Value);

    /// <param name="widgetId">Which widget.</param>
    /// <param name="segments">A person's, the narrowest first.</param>
    /// <param name="personsMin">From so many on a segment answers for itself.</param>
    public (string Segment, Counter Counter) Of(string widgetId, IReadOnlyList<string> segments, long personsMin)
    {
        foreach (var segment in segments)
        {
            if (_counters.TryGetValue((widgetId, segment), out var counter) && counter.Persons >= personsMin)
                return (segment, counter);
        }

        var all = _counters.GetValueOrDefault((widgetId, All));
        return (All, all.Persons >= personsMin ? all : default);
    }
}

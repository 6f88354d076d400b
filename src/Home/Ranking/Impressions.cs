namespace Kontor.Home.Ranking;

/// <summary>What came of showing a widget to a person; of two on one day the later in this list counts.</summary>
internal enum Response
{
    None,
    Clicked,
    Dismissed,
}

/// <summary>That a person saw a widget on a day.</summary>
/// <param name="Day">Since 1970, UTC.</param>
/// <param name="Visits">On how many visits; what is seen again within half an hour belongs to the same.</param>
/// <param name="Minute">Of the day, when the latest visit was first counted.</param>
internal readonly record struct Impression(string WidgetId, long Day, int Visits, int Minute, Response Response);

/// <summary>What a widget's place depends on of all that.</summary>
/// <param name="InVain">
/// On how many earlier days it was seen in vain since it was last clicked, what is longer ago counting less: half after each half-life.
/// </param>
internal readonly record struct Facts(double InVain, int VisitsToday, bool IsDismissed);

/// <summary>
/// The widgets that a person saw lately, as a ring: what it forgets, it forgets because enough was seen since. Today's impressions make
/// nothing fall before tomorrow, so a page does not change because it was looked at. The order in which events arrive does not matter.
/// </summary>
internal sealed class Impressions
{
    public const int Max = 64;
    private const int VisitMinutes = 30;

    private readonly List<Impression> _ring;

    /// <param name="ring">Of each widget and day one.</param>
    public Impressions(IEnumerable<Impression> ring) => _ring = [.. ring.OrderBy(one => one.Day).TakeLast(Max)];

    public static Impressions None { get; } = new([]);

    /// <summary>By their days.</summary>
    public IReadOnlyList<Impression> Ring => _ring;

    /// <summary>How many visits of that day have seen it now; null when this one had already.</summary>
    public int? Seen(string widgetId, long day, int minute)
    {
        var at = IndexOf(widgetId, day);
        if (at < 0)
        {
            Add(new(widgetId, day, 1, minute, Response.None));
            return 1;
        }

        var before = _ring[at];
        if (Math.Abs(minute - before.Minute) < VisitMinutes) return null;
        _ring[at] = before with { Visits = before.Visits + 1, Minute = Math.Max(minute, before.Minute) };
        return before.Visits + 1;
    }

    /// <summary>Whether that is new of this day.</summary>
    public bool Answered(string widgetId, long day, int minute, Response response)
    {
        var at = IndexOf(widgetId, day);
        if (at < 0)
        {
            Add(new(widgetId, day, 1, minute, response));
            return true;
        }

        if (_ring[at].Response >= response) return false;
        _ring[at] = _ring[at] with { Response = response };
        return true;
    }

    /// <param name="widgetId">Which widget.</param>
    /// <param name="today">Since 1970, UTC.</param>
    /// <param name="options">How long something counts.</param>
    public Facts Of(string widgetId, long today, RankingOptions options)
    {
        var (inVain, visits, isDismissed, wasClicked) = (0d, 0, false, false);
        for (var i = _ring.Count - 1; i >= 0; i--)
        {
            var one = _ring[i];
            if (one.WidgetId != widgetId) continue;
            isDismissed |= one.Response == Response.Dismissed && one.Day > today - options.DismissedDays;
            wasClicked |= one.Response == Response.Clicked;
            if (one.Day >= today) visits += one.Visits;
            else if (!wasClicked) inVain += Math.Pow(0.5, (today - 1 - one.Day) / options.FatigueHalfLifeDays);
        }

        return new(inVain, visits, isDismissed);
    }

    private int IndexOf(string widgetId, long day) => _ring.FindLastIndex(one => one.Day == day && one.WidgetId == widgetId);

    private void Add(Impression one)
    {
        if (_ring.Count == Max)
        {
            // What somebody sent away is to stay away for longer than a ring lasts.
            var forgotten = _ring.FindIndex(old => old.Response != Response.Dismissed);
            _ring.RemoveAt(Math.Max(0, forgotten));
        }

        var at = _ring.FindLastIndex(earlier => earlier.Day <= one.Day) + 1;
        _ring.Insert(at, one);
    }
}

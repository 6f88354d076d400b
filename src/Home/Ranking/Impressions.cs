using System.Numerics;

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
/// <param name="HalfHours">Those of the day in which it was seen, a bit for each; what is seen in one of them is one visit.</param>
internal readonly record struct Impression(string WidgetId, long Day, long HalfHours, Response Response)
{
    public const int HalfHourMinutes = 30;

    public int Visits => BitOperations.PopCount((ulong)HalfHours);

    /// <summary>Of the day: when the latest of the half hours began.</summary>
    public int LastMinute => BitOperations.Log2((ulong)HalfHours) * HalfHourMinutes;

    public static long HalfHourOf(int minute) => 1L << (minute / HalfHourMinutes);
}

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

    private readonly List<Impression> _ring;

    /// <param name="ring">Of each widget and day one.</param>
    public Impressions(IEnumerable<Impression> ring) => _ring = [.. ring.Order(InTime).TakeLast(Max)];

    public static Impressions None { get; } = new([]);

    private static Comparer<Impression> InTime { get; } = Comparer<Impression>.Create((one, other) => one.Day == other.Day
        ? string.CompareOrdinal(one.WidgetId, other.WidgetId)
        : one.Day.CompareTo(other.Day));

    /// <summary>By their days, and those of one day by their widgets: in which order they came leaves no trace.</summary>
    public IReadOnlyList<Impression> Ring => _ring;

    /// <summary>How many visits of that day have seen it now; null when this one had already.</summary>
    public int? Seen(string widgetId, long day, int minute)
    {
        var at = IndexOf(widgetId, day);
        if (at < 0)
        {
            Add(new(widgetId, day, Impression.HalfHourOf(minute), Response.None));
            return 1;
        }

        var before = _ring[at];
        if ((before.HalfHours & Impression.HalfHourOf(minute)) != 0) return null;
        _ring[at] = before with { HalfHours = before.HalfHours | Impression.HalfHourOf(minute) };
        return _ring[at].Visits;
    }

    /// <summary>Whether that is new of this day.</summary>
    public bool Answered(string widgetId, long day, int minute, Response response)
    {
        var at = IndexOf(widgetId, day);
        if (at < 0)
        {
            Add(new(widgetId, day, Impression.HalfHourOf(minute), response));
            return true;
        }

        var before = _ring[at];
        var isNew = before.Response < response;
        _ring[at] = before with
        {
            HalfHours = before.HalfHours | Impression.HalfHourOf(minute),
            Response = isNew ? response : before.Response,
        };
        return isNew;
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
        _ring.Insert(~_ring.BinarySearch(one, InTime), one);
        if (_ring.Count <= Max) return;
        // What somebody sent away is to stay away for longer than a ring lasts.
        var forgotten = _ring.FindIndex(old => old.Response != Response.Dismissed);
        _ring.RemoveAt(Math.Max(0, forgotten));
    }
}

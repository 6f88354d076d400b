using Kontor.Foundation.Time;

namespace Kontor.Home.Ranking;

/// <summary>What came of showing a widget to a person.</summary>
internal enum Response
{
    None,
    Clicked,
    Dismissed,
}

/// <param name="At">When it was on the screen, milliseconds since 1970.</param>
internal sealed record Impression(string WidgetId, long At, Response Response);

/// <summary>The last widgets that a person saw, as a ring: what it forgets, it forgets because enough was seen since.</summary>
internal sealed class Impressions
{
    public const int Max = 64;

    private readonly List<Impression> _ring;

    /// <param name="ring">The oldest first.</param>
    public Impressions(IEnumerable<Impression> ring) => _ring = [.. ring.TakeLast(Max)];

    public IReadOnlyList<Impression> Ring => _ring;

    public void Seen(string widgetId, long at)
    {
        if (_ring.Count == Max) _ring.RemoveAt(0);
        _ring.Add(new(widgetId, at, Response.None));
    }

    /// <summary>The last time that it was seen came to this.</summary>
    public void Answered(string widgetId, long at, Response response)
    {
        var last = _ring.FindLastIndex(one => one.WidgetId == widgetId);
        if (last < 0)
        {
            Seen(widgetId, at);
            last = _ring.Count - 1;
        }

        _ring[last] = _ring[last] with { Response = response };
    }

    /// <summary>
    /// How often it was seen in vain since it was last clicked, what is longer ago counting less: half after each half-life.
    /// </summary>
    public double InVain(string widgetId, long now, long halfLifeMs)
    {
        var sum = 0d;
        for (var i = _ring.Count - 1; i >= 0; i--)
        {
            var one = _ring[i];
            if (one.WidgetId != widgetId) continue;
            if (one.Response == Response.Clicked) break;
            sum += Math.Pow(0.5, (double)Math.Max(0, now - one.At) / halfLifeMs);
        }

        return sum;
    }

    public int InTheLastDay(string widgetId, long now)
    {
        var count = 0;
        foreach (var one in _ring)
        {
            if (one.WidgetId == widgetId && one.At > now - Clock.Day) count++;
        }

        return count;
    }

    public bool WasDismissedAfter(string widgetId, long moment)
    {
        foreach (var one in _ring)
        {
            if (one.WidgetId == widgetId && one.Response == Response.Dismissed && one.At >= moment) return true;
        }

        return false;
    }
}

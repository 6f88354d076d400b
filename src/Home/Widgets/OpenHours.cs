using System.Globalization;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>Hours of days of the week, in a time zone, such as Monday to Friday from 8 to 18 in Berlin; to the minute.</summary>
internal sealed class OpenHours
{
    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly TimeZoneInfo _zone;
    private readonly bool[] _days;
    private readonly int _from;
    private readonly int _until;

    private OpenHours(TimeZoneInfo zone, bool[] days, int from, int until) => (_zone, _days, _from, _until) = (zone, days, from, until);

    /// <summary>Null when it names a zone, a day or a time that there is not.</summary>
    public static OpenHours? Parse(WidgetHours hours)
    {
        if (hours.TimeZone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(hours.TimeZone, out _)) return null;
        var zone = hours.TimeZone is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(hours.TimeZone);
        var days = hours.Days is { Count: > 0 } named ? named : DayNames;
        if (days.Any(day => !DayNames.Contains(day))) return null;
        if (Minute(hours.From ?? "00:00") is not { } from || Minute(hours.Until ?? "00:00") is not { } until) return null;
        return new(zone, [.. DayNames.Select(day => days.Contains(day))], from, until);
    }

    /// <param name="name">`sun` to `sat`, as settings name it.</param>
    public static DayOfWeek DayOf(string name) => (DayOfWeek)Array.IndexOf(DayNames, name);

    /// <summary>Hours that go past midnight belong to the day on which they began; equal ends are 24 hours.</summary>
    public bool IsOpen(long now)
    {
        var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(now), _zone);
        var minute = local.Hour * 60 + local.Minute;
        var today = (int)local.DayOfWeek;
        if (_from < _until) return _days[today] && minute >= _from && minute < _until;
        return minute >= _from ? _days[today] : minute < _until && _days[(today + 6) % 7];
    }

    private static int? Minute(string time) =>
        TimeOnly.TryParseExact(time, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? at.Hour * 60 + at.Minute
            : null;
}

using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Time;

namespace Kontor.Home.Insight;

/// <summary>Whole days of UTC, counted from 1970, both ends included.</summary>
internal readonly record struct Period(long FirstDay, long LastDay)
{
    public const int DaysMax = 400;

    public const int DaysDefault = 28;

    public static readonly Problem Invalid = new(
        400, "period-invalid", "A period is from one day (2026-01-31) to the same or a later one, and has at most 400 days.");

    public DateOnly From => DateOf(FirstDay);

    public DateOnly To => DateOf(LastDay);

    /// <summary>What is left out is today, and the 28 days that end then.</summary>
    public static Outcome<Period> Of(string? from, string? to, long now)
    {
        if (Read(to, now / Clock.Day) is not { } last || Read(from, last - DaysDefault + 1) is not { } first) return Invalid;
        return first < 0 || first > last || last - first >= DaysMax ? Invalid : new Period(first, last);
    }

    public static Period EndingAt(long now) => new((now / Clock.Day) - DaysDefault + 1, now / Clock.Day);

    /// <summary>How a day is written: `2026-01-31`.</summary>
    public static string Name(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static DateOnly DateOf(long day) => DateOnly.FromDayNumber((int)day + DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber);

    private static long? Read(string? day, long otherwise)
    {
        if (string.IsNullOrEmpty(day)) return otherwise;
        return DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber
            : null;
    }
}

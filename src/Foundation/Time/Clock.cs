namespace Kontor.Foundation.Time;

/// <summary>Times are whole milliseconds since 1970, UTC, and come from the one <see cref="TimeProvider"/>.</summary>
public static class Clock
{
    public const long Second = 1000;
    public const long Minute = 60 * Second;
    public const long Hour = 60 * Minute;
    public const long Day = 24 * Hour;

    public static long NowMs(this TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>How a stored time leaves in JSON.</summary>
    public static DateTimeOffset ToTime(this long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}

using Kontor.Foundation.Time;

namespace Kontor.Accounts.Attempts;

/// <summary>What tries are counted together.</summary>
/// <param name="Key">Says nothing to whoever reads the database: a keyed hash.</param>
/// <param name="Free">So many tries wait for nothing. Each further one waits 1 s, 2 s, 4 s ... after the last.</param>
internal sealed record Tally(string Key, int Free)
{
    /// <summary>After so long without a try they begin anew.</summary>
    public const long ForgetMs = Clock.Hour;

    private const long WaitMsMax = 15 * Clock.Minute;

    /// <summary>Milliseconds until the next try; 0 when nothing keeps it.</summary>
    /// <param name="tries">So far.</param>
    /// <param name="lastAt">When the last was.</param>
    /// <param name="now">A clock that was set back makes nobody wait longer than the delay is.</param>
    public long Wait(long tries, long lastAt, long now)
    {
        if (tries < Free) return 0;
        var delay = tries - Free > 20 ? WaitMsMax : Math.Min(WaitMsMax, Clock.Second << (int)(tries - Free));
        return Math.Clamp(lastAt + delay - now, 0, delay);
    }
}

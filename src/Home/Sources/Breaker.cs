using Kontor.Foundation.Time;

namespace Kontor.Home.Sources;

/// <summary>
/// Lets calls pass until so many have failed in a row; from then on one at a time, after 1, 2, 4 ... 60 seconds, until one succeeds.
/// Whoever does not answer is not asked by everybody who passes. There are many, so each is its own lock.
/// </summary>
internal sealed class Breaker(int tolerated)
{
    private const long PauseMax = Clock.Minute;

    private int _failures;
    private long _closedUntil;

    /// <summary>Whether a call might pass, for whoever has to ask somebody else too.</summary>
    public bool MayPass(long now)
    {
        lock (this) return _failures < tolerated || now >= _closedUntil;
    }

    /// <summary>A call that may pass must be followed by <see cref="Succeeded"/> or <see cref="Failed"/>.</summary>
    public bool TryPass(long now)
    {
        lock (this)
        {
            if (_failures < tolerated) return true;
            if (now < _closedUntil) return false;
            _closedUntil = now + Pause();
            return true;
        }
    }

    public void Succeeded()
    {
        lock (this) _failures = 0;
    }

    public void Failed(long now)
    {
        lock (this)
        {
            _failures++;
            _closedUntil = now + Pause();
        }
    }

    private long Pause() => Math.Min(PauseMax, Clock.Second << Math.Clamp(_failures - tolerated, 0, 10));
}

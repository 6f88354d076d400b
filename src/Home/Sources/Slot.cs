using Kontor.Foundation.Time;

namespace Kontor.Home.Sources;

/// <summary>
/// The place of one widget's latest good snapshot, for all or for one person, and whether a newer one is on its way. There are many, so
/// each is its own lock.
/// </summary>
internal sealed class Slot(OfferedWidget widget, string? userId)
{
    private volatile Snapshot? _shown;
    private volatile string? _lastFailure;
    private Task? _renewal;
    private long _renewalBegan;
    private long _staleSince;
    private long _asOf;

    public OfferedWidget Widget => widget;

    /// <summary>Null for everybody.</summary>
    public string? UserId => userId;

    /// <summary>Null until a source has answered for the first time.</summary>
    public Snapshot? Shown => _shown;

    /// <summary>As <see cref="Shown"/>, unless it is so old that it is shown to nobody any more.</summary>
    public Snapshot? At(long now) => _shown is { } shown && now < widget.ShownUntil(shown) ? shown : null;

    /// <summary>What was kept from an earlier time: better than nothing, and to be asked for anew.</summary>
    public void Restore(Snapshot kept)
    {
        lock (this)
        {
            if (_shown is not null) return;
            MarkStale();
            _shown = kept;
        }
    }

    /// <summary>Why the latest pull gave nothing; null when it did.</summary>
    public string? LastFailure => _lastFailure;

    /// <summary>One person's bad content is asked for less and less often, without a word about the source.</summary>
    public Breaker Breaker { get; } = new(tolerated: 1);

    /// <summary>An event came after the pull whose answer is shown began.</summary>
    public bool IsStale => Interlocked.Read(ref _asOf) < Math.Max(Interlocked.Read(ref _staleSince), widget.StaleSince);

    /// <summary>To be pulled: new, stale, or of the age that its source names.</summary>
    public bool IsDue(long now) =>
        _shown is not { } shown || IsStale || now - shown.AsOf >= Math.Max(1, widget.Offer.RefreshSeconds) * Clock.Second;

    /// <summary>It should be newer, and its source does not say how.</summary>
    public bool IsOutdated(long now) => IsStale || (_lastFailure is not null && IsDue(now))
        || (_shown is { } shown && widget.IsTooOld(shown, now));

    public void MarkStale() => Interlocked.Exchange(ref _staleSince, Moments.Next());

    /// <summary>The renewal that is under way, or the one that now begins, and the clock's time when it began.</summary>
    /// <param name="renew">Calls <see cref="Renewed"/> or <see cref="Failed"/> for each pull, until it answers that it is done.</param>
    public (Task Renewal, long Began) Renew(Func<Slot, Task> renew, long now)
    {
        lock (this)
        {
            if (_renewal is { IsCompleted: false } underWay) return (underWay, _renewalBegan);
            _renewalBegan = now;
            _renewal = Task.Run(() => renew(this));
            return (_renewal, now);
        }
    }

    /// <summary>Takes the answer of a pull that began at a moment.</summary>
    /// <returns>True when it is stale already, and the renewal has to pull once more.</returns>
    public bool Renewed(Snapshot snapshot, long moment)
    {
        lock (this)
        {
            _shown = snapshot;
            _lastFailure = null;
            Interlocked.Exchange(ref _asOf, moment);
            // Looked at under the lock: a mark that comes later finds no renewal under way and begins one.
            if (IsStale) return true;
            _renewal = null;
            return false;
        }
    }

    /// <summary>What is shown stays, and the renewal ends.</summary>
    public void Failed(string reason)
    {
        lock (this)
        {
            _lastFailure = reason;
            _renewal = null;
        }
    }
}

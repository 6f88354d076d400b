using Kontor.Foundation.Data;
using Kontor.Foundation.Events;

namespace Kontor.Sync.Pull;

/// <summary>
/// People's last timestamps, after which a read found nothing: until somebody draws a version for that person, or shared rows change, a
/// pull from there reads nothing. This is exact where each commit is told to this node before its writer is answered, which is so on the
/// engine that has one node; on others nothing is remembered, and every pull asks the database.
/// </summary>
internal sealed class LastTimestamps : IDisposable
{
    /// <summary>
    /// The payload is a user's id, or empty for everybody. Raised with everything that draws a version, before any other signal of the same
    /// commit: whoever is told of a change, and pulls, finds it.
    /// </summary>
    public const string Signal = "sync.drawn";

    /// <summary>Two people at the same place forget each other's: that costs a read.</summary>
    private const int Places = 1 << 16;

    private readonly bool _isExact;
    private readonly Last?[] _last = [];
    private readonly long[] _drawn = [];
    private readonly IDisposable? _subscription;
    private long _drawnForAll;

    private sealed record Last(string UserId, long Timestamp, long Stamp);

    public LastTimestamps(Database database, Signals signals)
    {
        _isExact = database.HasOneNode;
        if (!_isExact) return;
        (_last, _drawn) = (new Last?[Places], new long[Places]);
        _subscription = signals.Subscribe(Signal, Forget);
    }

    public static void Tell(Tx tx, Database database, string userId)
    {
        if (database.HasOneNode) tx.Signal(Signal, userId);
    }

    public void Dispose() => _subscription?.Dispose();

    public bool Has(string userId, long timestamp)
    {
        if (!_isExact) return false;
        var place = PlaceOf(userId);
        return Volatile.Read(ref _last[place]) is { } last && last.Timestamp == timestamp && last.UserId == userId
            && last.Stamp == StampAt(place);
    }

    /// <summary>Is another one after each change; taken before the read, so that what is committed meanwhile is not passed over.</summary>
    public long StampOf(string userId) => _isExact ? StampAt(PlaceOf(userId)) : 0;

    public void Keep(string userId, long timestamp, long stamp)
    {
        if (_isExact) Volatile.Write(ref _last[PlaceOf(userId)], new(userId, timestamp, stamp));
    }

    private void Forget(string userId)
    {
        if (userId.Length == 0) Interlocked.Increment(ref _drawnForAll);
        else Interlocked.Increment(ref _drawn[PlaceOf(userId)]);
    }

    /// <summary>Both only grow, so their sum is the same only when both are.</summary>
    private long StampAt(int place) => Volatile.Read(ref _drawn[place]) + Volatile.Read(ref _drawnForAll);

    private static int PlaceOf(string userId) => userId.GetHashCode(StringComparison.Ordinal) & (Places - 1);
}

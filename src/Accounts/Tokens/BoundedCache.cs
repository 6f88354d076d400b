using System.Collections.Concurrent;

namespace Kontor.Accounts.Tokens;

/// <summary>
/// Remembers the entries used last, about <paramref name="size"/> of them and never more than twice as many: when that many were added they
/// become the old ones, and those that were old are forgotten. It never waits for long and never sweeps.
/// </summary>
internal sealed class BoundedCache<TKey, TValue>(int size)
    where TKey : notnull
{
    private readonly Lock _turn = new();
    private volatile ConcurrentDictionary<TKey, TValue> _young = new();
    private volatile ConcurrentDictionary<TKey, TValue> _old = new();
    private int _added;

    public bool TryGet(TKey key, out TValue value)
    {
        if (_young.TryGetValue(key, out value!)) return true;
        if (!_old.TryGetValue(key, out value!)) return false;
        Set(key, value);
        return true;
    }

    public void Set(TKey key, TValue value)
    {
        _young[key] = value;
        if (Interlocked.Increment(ref _added) < size) return;
        lock (_turn)
        {
            if (_added < size) return;
            (_old, _young, _added) = (_young, new(), 0);
        }
    }
}

using System.Collections.Concurrent;

namespace Kontor.Foundation.Caching;

/// <summary>
/// What was used lately, bounded by its weight: two halves, of which the older one is let go when the younger is full; what is used moves
/// to the younger. What is in the younger is found without a lock, and nothing is ever swept.
/// </summary>
/// <param name="max">Of all weights together; without <paramref name="weigh"/> the most entries.</param>
/// <param name="weigh">What an entry weighs when it is put in or moves; null where all weigh 1.</param>
/// <param name="idleMax">What is not asked for in so long makes room, at the latest after twice that time, when something else comes or
/// <see cref="Tidy"/> is called; null where nothing is too old.</param>
/// <param name="time">Goes with <paramref name="idleMax"/>.</param>
public sealed class Recent<TKey, TValue>(long max, Func<TValue, long>? weigh = null, TimeSpan? idleMax = null, TimeProvider? time = null)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _lock = new();
    private readonly long _half = Math.Max(1, max / 2);
    private volatile ConcurrentDictionary<TKey, TValue> _young = new();
    private volatile ConcurrentDictionary<TKey, TValue> _old = new();
    private long _weight;
    private long _begun = time?.GetTimestamp() ?? 0;

    public int Count => _young.Count + _old.Count;

    public TValue? Find(TKey key)
    {
        if (_young.TryGetValue(key, out var value)) return value;
        // Under the lock nothing is missed that is just moving, and nothing comes back that somebody has just forgotten.
        lock (_lock)
        {
            if (_young.TryGetValue(key, out value)) return value;
            if (!_old.TryRemove(key, out value)) return null;
            Put(key, value);
            return value;
        }
    }

    /// <summary>What is there unless it is to be replaced; else what is made, which is there from now on: it can be forgotten.</summary>
    /// <param name="key">Of one entry.</param>
    /// <param name="isGood">Whether what is there may stay.</param>
    /// <param name="make">Short, because others wait: it begins nothing.</param>
    public TValue FindOrAdd(TKey key, Func<TValue, bool> isGood, Func<TKey, TValue> make) =>
        FindOrAdd(key, (isGood, make), static (value, given) => given.isGood(value), static (key, given) => given.make(key));

    /// <summary>Likewise, with what both functions need, so that asking for what is there allocates nothing.</summary>
    public TValue FindOrAdd<TGiven>(TKey key, TGiven given, Func<TValue, TGiven, bool> isGood, Func<TKey, TGiven, TValue> make)
    {
        if (_young.TryGetValue(key, out var known) && isGood(known, given)) return known;
        lock (_lock)
        {
            if (Find(key) is { } other && isGood(other, given)) return other;
            var made = make(key, given);
            Put(key, made);
            return made;
        }
    }

    public void Set(TKey key, TValue value)
    {
        lock (_lock) Put(key, value);
    }

    public void Forget(TKey key)
    {
        lock (_lock)
        {
            _young.TryRemove(key, out _);
            _old.TryRemove(key, out _);
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            Begin();
            _old = new();
        }
    }

    /// <summary>Something that is in it has grown by so much.</summary>
    public void Grow(long weight)
    {
        if (Interlocked.Add(ref _weight, weight) < _half) return;
        lock (_lock)
        {
            if (Interlocked.Read(ref _weight) >= _half) Begin();
        }
    }

    /// <summary>For a cache to which nothing new may come for long.</summary>
    public void Tidy()
    {
        lock (_lock)
        {
            if (IsAged()) Begin();
        }
    }

    private void Put(TKey key, TValue value)
    {
        if (Interlocked.Read(ref _weight) >= _half || IsAged()) Begin();
        _young[key] = value;
        Interlocked.Add(ref _weight, weigh?.Invoke(value) ?? 1);
    }

    private bool IsAged() => time?.GetElapsedTime(_begun) >= idleMax;

    private void Begin()
    {
        (_old, _young) = (_young, new());
        Interlocked.Exchange(ref _weight, 0);
        _begun = time?.GetTimestamp() ?? 0;
    }
}

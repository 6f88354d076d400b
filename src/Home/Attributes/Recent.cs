namespace Kontor.Home.Attributes;

/// <summary>
/// What was used lately, bounded: two halves, of which the older is let go when the younger is full; what is used moves to the younger.
/// </summary>
/// <param name="max">Most entries.</param>
internal sealed class Recent<TKey, TValue>(int max)
    where TKey : notnull
    where TValue : class
{
    private readonly Lock _lock = new();
    private Dictionary<TKey, TValue> _young = [];
    private Dictionary<TKey, TValue> _old = [];

    public TValue? Find(TKey key)
    {
        lock (_lock)
        {
            if (_young.TryGetValue(key, out var value)) return value;
            if (!_old.Remove(key, out value)) return null;
            Put(key, value);
            return value;
        }
    }

    /// <summary>What is there unless it is to be replaced; else what is made, which is there from now on.</summary>
    public TValue FindOrAdd(TKey key, Func<TValue, bool> isGood, Func<TValue> make)
    {
        lock (_lock)
        {
            if (Find(key) is { } known && isGood(known)) return known;
            var made = make();
            Put(key, made);
            return made;
        }
    }

    public void Forget(TKey key)
    {
        lock (_lock)
        {
            _young.Remove(key);
            _old.Remove(key);
        }
    }

    public void Clear()
    {
        lock (_lock) (_young, _old) = ([], []);
    }

    private void Put(TKey key, TValue value)
    {
        if (_young.Count >= Math.Max(1, max / 2)) (_young, _old) = ([], _young);
        _young[key] = value;
    }
}

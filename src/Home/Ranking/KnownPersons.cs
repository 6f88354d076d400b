using System.Collections.Concurrent;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Sources;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Ranking;

/// <summary>
/// What is known of those who were here lately, in memory: read once a day, and again when something has changed that their feed shows,
/// on whichever node. Two generations bound it: when the younger one has filled its half, the older one, whom nobody has asked for since,
/// is forgotten.
/// </summary>
internal sealed class KnownPersons : IDisposable
{
    /// <summary>Makes up for a signal that was lost.</summary>
    private const long AgeMax = 10 * Clock.Minute;

    private readonly Database _database;
    private readonly RankingOptions _options;
    private readonly TimeProvider _time;
    private readonly PersonReads _reads;
    private readonly Signals _signals;
    private readonly IDisposable[] _subscriptions;
    private readonly Lock _lock = new();
    private volatile ConcurrentDictionary<string, Person> _younger = New();
    private ConcurrentDictionary<string, Person> _older = New();
    private long _bytes;

    public KnownPersons(
        Database database, PersonReads reads, Signals signals, IOptions<RankingOptions> options, TimeProvider time)
    {
        (_database, _reads, _signals, _options, _time) = (database, reads, signals, options.Value, time);
        _subscriptions = [signals.Subscribe(StoredTastes.Signal, Forget), signals.Subscribe(HomePersonalData.Signal, Forget)];
        signals.Lost += ForgetAll;
    }

    /// <summary>How many persons are held.</summary>
    public int Count => _younger.Count + _older.Count;

    /// <summary>Somebody, as they were read, and the orders of their feeds since.</summary>
    internal sealed class Person(long readAt, Lazy<Task<PersonalState>> state)
    {
        public long ReadAt => readAt;

        public Task<PersonalState> State => state.Value;

        public OrderMemo Orders { get; } = new();

        public bool IsGood(long now) =>
            // Impressions of today are read tomorrow, when they begin to count.
            now - readAt < AgeMax && now >= readAt && now / Clock.Day == readAt / Clock.Day && !State.IsFaulted;
    }

    /// <summary>
    /// Null when the database does not answer in time: then the feed is the one that strangers see, rather than none.
    /// </summary>
    public async ValueTask<(PersonalState State, OrderMemo Orders)?> Find(string userId, CancellationToken ct)
    {
        var person = Of(userId);
        return await _reads.InTime(person.State, person.ReadAt, "taste", ct) is { } state ? (state, person.Orders) : null;
    }

    public void Dispose()
    {
        _signals.Lost -= ForgetAll;
        foreach (var subscription in _subscriptions) subscription.Dispose();
    }

    private static ConcurrentDictionary<string, Person> New() => new(StringComparer.Ordinal);

    private Person Of(string userId)
    {
        var now = _time.NowMs();
        if (_younger.TryGetValue(userId, out var known) && known.IsGood(now)) return known;
        // Under the lock nobody comes back whom a signal has just taken away.
        lock (_lock)
        {
            if (_younger.TryGetValue(userId, out known) && known.IsGood(now)) return known;
            if (_bytes > _options.MegabytesMax * 1024L * 1024 / 2) (_older, _younger, _bytes) = (_younger, New(), 0);
            if (!_older.TryRemove(userId, out var person) || !person.IsGood(now))
            {
                // Held before it is begun: a change that comes meanwhile finds it and takes it away. Not the request's token: others
                // wait for the same reading.
                person = new Person(now, new(() => Task.Run(() => Read(userId), CancellationToken.None)));
            }

            _younger[userId] = person;
            _bytes += OrderMemo.BytesMax + (person.State.IsCompletedSuccessfully ? person.State.Result.Bytes : 0);
            return person;
        }
    }

    private async Task<PersonalState> Read(string userId)
    {
        var row = await _database.Read(tx => StoredTastes.Find(tx, userId).AsTask());
        var state = PersonalState.Of(row, _options);
        Interlocked.Add(ref _bytes, state.Bytes);
        return state;
    }

    private void Forget(string userId)
    {
        lock (_lock)
        {
            _younger.TryRemove(userId, out _);
            _older.TryRemove(userId, out _);
        }
    }

    private void ForgetAll()
    {
        lock (_lock) (_older, _younger, _bytes) = (New(), New(), 0);
    }
}

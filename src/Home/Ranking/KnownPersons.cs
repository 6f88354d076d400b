using Kontor.Foundation.Caching;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Kontor.Home.Sources;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Ranking;

/// <summary>
/// What is known of those who were here lately, in memory: read when they come, and again when something has changed that their feed shows,
/// on whichever node.
/// </summary>
internal sealed class KnownPersons : IDisposable
{
    /// <summary>Makes up for a signal that was lost.</summary>
    private const long AgeMax = 10 * Clock.Minute;

    private readonly Database _database;
    private readonly PersonReads _reads;
    private readonly RankingOptions _options;
    private readonly TimeProvider _time;
    private readonly Signals _signals;
    private readonly IDisposable[] _subscriptions;
    private readonly Recent<string, Person> _persons;

    // Of most people nothing is known; they share it.
    private readonly PersonalState _nothing;

    public KnownPersons(
        Database database, PersonReads reads, Signals signals, IOptions<RankingOptions> options, TimeProvider time)
    {
        (_database, _reads, _signals, _options, _time) = (database, reads, signals, options.Value, time);
        _nothing = PersonalState.New(_options);
        _persons = new(_options.MegabytesMax * 1024L * 1024, static person => person.Bytes, TimeSpan.FromMilliseconds(AgeMax), time);
        _subscriptions =
        [
            signals.Subscribe(StoredTastes.Signal, _persons.Forget),
            signals.Subscribe(HomePersonalData.Signal, _persons.Forget),
        ];
        signals.Lost += _persons.Clear;
    }

    /// <summary>How many persons are held.</summary>
    public int Count => _persons.Count;

    /// <summary>Somebody, as they were read, and what their feeds were made from since.</summary>
    internal sealed class Person(Reading<PersonalState> state)
    {
        /// <summary>In memory, roughly, with the id.</summary>
        private const int BytesMin = 300;

        public Reading<PersonalState> State => state;

        public OrderMemo Orders { get; } = new();

        public ProjectionMemo Projections { get; } = new();

        public long Bytes => BytesMin + (state.Value?.Bytes ?? 0) + Orders.Bytes + Projections.Bytes;

        public bool IsGood(long now) =>
            // Impressions of today are read tomorrow, when they begin to count.
            state.IsGood(now, AgeMax) && now / Clock.Day == state.Began / Clock.Day;
    }

    public Person Of(string userId) => _persons.FindOrAdd(
        userId, (Known: this, Now: _time.NowMs()),
        static (person, given) => person.IsGood(given.Now),
        static (id, given) => new(new(given.Now, () => given.Known.Read(id))));

    /// <summary>
    /// Null when the database does not answer in time: then the feed is the one that strangers see, rather than none.
    /// </summary>
    public ValueTask<PersonalState?> StateOf(Person person, CancellationToken ct) => _reads.InTime(person.State, "taste", ct);

    /// <summary>What is remembered of somebody has grown.</summary>
    public void Grow(int bytes) => _persons.Grow(bytes);

    public void Dispose()
    {
        _signals.Lost -= _persons.Clear;
        foreach (var subscription in _subscriptions) subscription.Dispose();
    }

    private async Task<PersonalState> Read(string userId)
    {
        var row = await _database.Read(tx => StoredTastes.Find(tx, userId).AsTask());
        if (row is null) return _nothing;
        var state = PersonalState.Of(row, _options);
        _persons.Grow(state.Bytes);
        return state;
    }
}

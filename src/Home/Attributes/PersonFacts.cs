using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Kontor.Foundation.Caching;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Segments;
using Kontor.Home.Sources;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Attributes;

/// <summary>
/// What is told of the persons who were here lately, in memory: read once for each, by one reading that all wait for, and again after a
/// signal that it has changed. So the first feed after a change has it, on every node.
/// </summary>
internal sealed partial class PersonFacts : IDisposable
{
    /// <summary>Makes up for a signal that was lost.</summary>
    private const long AgeMax = 10 * Clock.Minute;

    /// <summary>Before somebody who failed is asked again about the same person.</summary>
    private const long PauseMs = 5 * Clock.Second;

    /// <summary>Stands for Home's own tables among the sources; no source has this name.</summary>
    private const string Stored = "";

    private static readonly Meter Meter = new("Kontor.Home");

    private static readonly Counter<long> Failures = Meter.CreateCounter<long>(
        "kontor.home.attributes_failed", description: "Attributes of a person that a product did not tell, or not in time.");

    private readonly Database _database;
    private readonly PersonReads _reads;
    private readonly TimeProvider _time;
    private readonly ILogger<PersonFacts> _logger;
    private readonly Signals _signals;
    private readonly IDisposable[] _subscriptions;
    private readonly FrozenDictionary<string, Product> _products;
    private readonly Recent<string, Told> _persons;
    private readonly int _waitMs;
    private readonly int _timeoutMs;

    public PersonFacts(
        Database database, PersonReads reads, IEnumerable<IPersonAttributes> products, Signals signals, IOptions<HomeOptions> options,
        TimeProvider time, ILogger<PersonFacts> logger)
    {
        (_database, _reads, _time, _logger, _signals) = (database, reads, time, logger, signals);
        var set = options.Value;
        (_waitMs, _timeoutMs) = (set.PersonalWaitMs, set.PullTimeoutMs);
        _products = products.ToFrozenDictionary(
            product => product.Source, product => new Product(product, new SemaphoreSlim(set.PullsAtOnce)), StringComparer.Ordinal);
        // Twice, because the younger half alone holds as many.
        _persons = new(2L * set.PersonsMax, idleMax: TimeSpan.FromMilliseconds(AgeMax), time: time);
        _subscriptions =
        [
            signals.Subscribe(AttributesStale.Channel, payload =>
            {
                var told = AttributesStale.Read(payload);
                Forget(told.UserId, told.Source);
            }),
            signals.Subscribe(StoredFacts.Signal, userId =>
            {
                if (userId == StoredFacts.Everybody) _persons.Clear();
                else Forget(userId, Stored);
            }),
            signals.Subscribe(StoredMembers.Signal, userId =>
            {
                if (userId == StoredMembers.Everybody) _persons.Clear();
                else Forget(userId, Stored);
            }),
            signals.Subscribe(HomePersonalData.Signal, _persons.Forget),
        ];
        signals.Lost += _persons.Clear;
    }

    private sealed record Product(IPersonAttributes Attributes, SemaphoreSlim Free);

    /// <summary>What each source tells of one person, and all of it together.</summary>
    private sealed class Told
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<string, Reading<Facts>> _parts = new(1, StringComparer.Ordinal);
        private volatile Together? _latest;

        private sealed record Together(FactsNeeded Needed, long From, long Until, Facts Facts);

        /// <summary>Null while somebody has yet to tell, and when it has to be asked for anew.</summary>
        public Facts? Find(FactsNeeded needed, long now) =>
            _latest is { } known && ReferenceEquals(known.Needed, needed) && now >= known.From && now < known.Until ? known.Facts : null;

        public List<Reading<Facts>> Parts(
            IEnumerable<string> sources, Func<Reading<Facts>, string, bool> isGood, Func<string, Reading<Facts>> make)
        {
            lock (_lock)
            {
                var parts = new List<Reading<Facts>>();
                foreach (var source in sources)
                {
                    if (!_parts.TryGetValue(source, out var part) || !isGood(part, source)) _parts[source] = part = make(source);
                    parts.Add(part);
                }

                return parts;
            }
        }

        /// <summary>Remembered unless something of it was forgotten meanwhile.</summary>
        public Facts Keep(FactsNeeded needed, List<Reading<Facts>> parts, Facts facts)
        {
            lock (_lock)
            {
                if (parts.TrueForAll(_parts.ContainsValue))
                    _latest = new(needed, parts.Max(part => part.Began), parts.Min(part => part.Began) + AgeMax, facts);
            }

            return facts;
        }

        public void Forget(string source)
        {
            lock (_lock)
            {
                _parts.Remove(source);
                _latest = null;
            }
        }
    }

    /// <summary>What the products of this process tell.</summary>
    public IEnumerable<AttributeInfo> Attributes => _products.Values.SelectMany(product => product.Attributes.Attributes.Select(
        attribute => AttributeInfo.Of(product.Attributes.Source, attribute, inProcess: true)));

    /// <summary>Memory answers but for the first time; whoever fails or takes too long has told nothing.</summary>
    public ValueTask<Facts> Of(string? userId, FactsNeeded needed, CancellationToken ct)
    {
        if (userId is null || needed.IsNothing) return new(Facts.None);
        var person = _persons.FindOrAdd(userId, static _ => true, static _ => new());
        return person.Find(needed, _time.NowMs()) is { } facts ? new(facts) : Ask(userId, person, needed, ct);
    }

    public void Dispose()
    {
        _signals.Lost -= _persons.Clear;
        foreach (var subscription in _subscriptions) subscription.Dispose();
    }

    private ValueTask<Facts> Ask(string userId, Told person, FactsNeeded needed, CancellationToken ct)
    {
        var now = _time.NowMs();
        var sources = needed.Stored ? needed.Sources.Prepend(Stored) : needed.Sources;
        var parts = person.Parts(
            sources,
            (part, source) => part.HasFailed ? source != Stored && now - part.Began < PauseMs : part.IsGood(now, AgeMax),
            // Not the request's token: others wait for the same reading.
            source => new(now, () => source == Stored ? ReadStored(userId) : Ask(_products[source], userId)));
        return parts.TrueForAll(part => part.Value is not null)
            ? new(person.Keep(needed, parts, Facts.Of(parts.ConvertAll(part => part.Value!))))
            : new(Wait(parts, needed.Stored, ct));
    }

    private async Task<Facts> Wait(List<Reading<Facts>> parts, bool isFirstStored, CancellationToken ct)
    {
        var (told, isWhole) = (new List<Facts>(parts.Count), true);
        // All at once, and then each is waited for.
        foreach (var part in parts) _ = part.Answer;
        foreach (var (i, part) in parts.Index())
        {
            if (i == 0 && isFirstStored)
            {
                if (await _reads.InTime(part, "attributes", ct) is { } stored) told.Add(stored);
                else isWhole = false;
                continue;
            }

            // A slow product delays the requests of the first moments, not each one as long as it is slow.
            var waitMs = Math.Clamp(part.Began + _waitMs - _time.NowMs(), 0, _waitMs);
            var reading = part.Answer;
            await ((Task)reading).WaitAsync(TimeSpan.FromMilliseconds(waitMs), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
            if (reading.IsCompletedSuccessfully) told.Add(await reading);
        }

        return (told.Count == 0 ? Facts.None : Facts.Of(told)) with { IsWhole = isWhole };
    }

    private void Forget(string userId, string source) => _persons.Find(userId)?.Forget(source);

    private async Task<Facts> ReadStored(string userId) => await _database.Read(
        async tx => new Facts(await StoredFacts.Of(tx, userId), await StoredMembers.ListsOf(tx, userId)));

    private async Task<Facts> Ask(Product product, string userId)
    {
        try
        {
            if (!await product.Free.WaitAsync(_timeoutMs)) throw new TimeoutException("All its calls are taken.");
            var end = new CancellationTokenSource(_timeoutMs);
            // A product may go on after the token told it to end; it then takes up one of its own few calls.
            var call = Task.Run(() => product.Attributes.Of(userId, end.Token), CancellationToken.None);
            _ = call.ContinueWith(
                ended =>
                {
                    _ = ended.Exception;
                    end.Dispose();
                    product.Free.Release();
                },
                CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            var values = await call.WaitAsync(TimeSpan.FromMilliseconds(_timeoutMs));
            var source = product.Attributes.Source;
            var told = values.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => new Fact(source, one.Key, one.Value));
            return new([.. told], []);
        }
        catch (Exception exception)
        {
            // Its own matter: feeds go on as if it were not known.
            Failures.Add(1, new KeyValuePair<string, object?>("source", product.Attributes.Source));
            LogFailed(product.Attributes.Source, exception);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} did not tell the attributes of a person")]
    private partial void LogFailed(string source, Exception exception);
}

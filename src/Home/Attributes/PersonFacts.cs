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
    private readonly Recent<(string Source, string UserId), Part> _parts;
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
        _parts = new(set.PersonsMax * (1 + _products.Count));
        _subscriptions =
        [
            signals.Subscribe(AttributesStale.Channel, payload =>
            {
                var told = AttributesStale.Read(payload);
                _parts.Forget((told.Source, told.UserId));
            }),
            signals.Subscribe(StoredFacts.Signal, userId =>
            {
                if (userId == StoredFacts.Everybody) _parts.Clear();
                else _parts.Forget((Stored, userId));
            }),
            signals.Subscribe(StoredMembers.Signal, userId =>
            {
                if (userId == StoredMembers.Everybody) _parts.Clear();
                else _parts.Forget((Stored, userId));
            }),
            signals.Subscribe(HomePersonalData.Signal, Forget),
        ];
        signals.Lost += _parts.Clear;
    }

    private sealed record Product(IPersonAttributes Attributes, SemaphoreSlim Free);

    // Held before it is begun: a change that comes meanwhile finds it and takes it away.
    private sealed record Part(bool IsStored, long Began, Lazy<Task<Facts>> Reading)
    {
        /// <summary>Also by taking too long, which is no fault of the task but its end.</summary>
        public bool HasFailed => Reading is { IsValueCreated: true, Value: { IsCompleted: true, IsCompletedSuccessfully: false } };
    }

    /// <summary>What the products of this process tell.</summary>
    public IEnumerable<AttributeInfo> Attributes => _products.Values.SelectMany(product => product.Attributes.Attributes.Select(
        attribute => AttributeInfo.Of(product.Attributes.Source, attribute, inProcess: true)));

    /// <summary>Memory answers but for the first time; whoever fails or takes too long has told nothing.</summary>
    public ValueTask<Facts> Of(string? userId, FactsNeeded needed, CancellationToken ct)
    {
        if (userId is null || needed.IsNothing) return new(Facts.None);
        var parts = Parts(userId, needed);
        return parts.All(part => part.Reading.Value.IsCompletedSuccessfully)
            ? new(Facts.Of([.. parts.Select(part => part.Reading.Value.Result)]))
            : new(Wait(parts, ct));
    }

    public void Dispose()
    {
        _signals.Lost -= _parts.Clear;
        foreach (var subscription in _subscriptions) subscription.Dispose();
    }

    private List<Part> Parts(string userId, FactsNeeded needed)
    {
        var now = _time.NowMs();
        var parts = new List<Part>(1 + needed.Sources.Count);
        if (needed.Stored) parts.Add(PartOf(Stored, userId, now));
        foreach (var source in needed.Sources) parts.Add(PartOf(source, userId, now));
        return parts;
    }

    private Part PartOf(string source, string userId, long now) => _parts.FindOrAdd(
        (source, userId),
        part => part.HasFailed ? !part.IsStored && now - part.Began < PauseMs : now - part.Began < AgeMax,
        // Not the request's token: others wait for the same reading.
        _ => new(
            source == Stored, now,
            new(() => Task.Run(() => source == Stored ? ReadStored(userId) : Ask(_products[source], userId)))));

    private async Task<Facts> Wait(List<Part> parts, CancellationToken ct)
    {
        var (told, isWhole) = (new List<Facts>(parts.Count), true);
        foreach (var part in parts)
        {
            if (part.IsStored)
            {
                if (await _reads.InTime(part.Reading.Value, part.Began, "attributes", ct) is { } stored) told.Add(stored);
                else isWhole = false;
                continue;
            }

            // A slow product delays the requests of the first moments, not each one as long as it is slow.
            var waitMs = Math.Clamp(part.Began + _waitMs - _time.NowMs(), 0, _waitMs);
            var reading = part.Reading.Value;
            await ((Task)reading).WaitAsync(TimeSpan.FromMilliseconds(waitMs), ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ct.ThrowIfCancellationRequested();
            if (reading.IsCompletedSuccessfully) told.Add(await reading);
        }

        return (told.Count == 0 ? Facts.None : Facts.Of(told)) with { IsWhole = isWhole };
    }

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

    private void Forget(string userId)
    {
        foreach (var source in _products.Keys.Append(Stored)) _parts.Forget((source, userId));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Source} did not tell the attributes of a person")]
    private partial void LogFailed(string source, Exception exception);
}

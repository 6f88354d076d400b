using System.Globalization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Sync.Pull;
using Kontor.Sync.Shared;
using Microsoft.Extensions.Hosting;

namespace Kontor.Sync.Live;

/// <summary>
/// Who waits for changes, by person. A signal carries the new version, so that telling any number of listeners reads nothing; only
/// after signals may have been lost does each look at the counter itself.
/// </summary>
internal sealed class Listeners : IDisposable
{
    /// <summary>For one person on one node: several devices and open pages, and no more.</summary>
    public const int PerPersonMax = 20;

    /// <summary>
    /// A change of shared rows concerns everybody, and everybody's pull at the same moment would be a storm: they are told one after the
    /// other, in any order, within this time.
    /// </summary>
    private static readonly TimeSpan SharedSpread = TimeSpan.FromSeconds(5);

    private readonly Database _database;
    private readonly Marks _marks;
    private readonly Signals _signals;
    private readonly TimeProvider _time;
    private readonly CancellationToken _stopping;
    private readonly IDisposable _subscription;
    private readonly IDisposable _sharedSubscription;
    private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);
    private long _sharedChanges;

    public Listeners(Database database, Marks marks, Signals signals, TimeProvider time, IHostApplicationLifetime lifetime)
    {
        _database = database;
        _marks = marks;
        _signals = signals;
        _time = time;
        _stopping = lifetime.ApplicationStopping;
        _subscription = signals.Subscribe(Versions.Signal, Hear);
        _sharedSubscription = signals.Subscribe(Versions.SharedSignal, _ => HearShared());
        _signals.Lost += HearLoss;
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _sharedSubscription.Dispose();
        _signals.Lost -= HearLoss;
    }

    /// <summary>Null when this person listens too often already. What changes from here on is heard.</summary>
    public Listener? Listen(string userId)
    {
        lock (_topics)
        {
            if (!_topics.TryGetValue(userId, out var topic)) _topics[userId] = topic = new();
            if (topic.Listeners == PerPersonMax) return null;
            topic.Listeners++;
            return new(this, userId, topic);
        }
    }

    /// <summary>Comes back as soon as there is something newer than <paramref name="since"/>, or when the time is over.</summary>
    public async Task Wait(string userId, long since, TimeSpan patience, CancellationToken ct)
    {
        using var listener = Listen(userId);
        if (listener is null) return;
        var position = await Look(userId, since, ct);
        if (position.Version != since || position.LacksShared) return;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct, _stopping);
        try
        {
            await listener.Next(since, patience, ends.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            // The server stops, and whoever waits goes on with what there is.
        }
    }

    private Task<Position> Look(string userId, long since, CancellationToken ct) =>
        _database.Read(tx => _marks.Look(tx, userId, since).AsTask(), ct);

    private long SharedChanges
    {
        get
        {
            lock (_topics) return _sharedChanges;
        }
    }

    private void Hear(string payload)
    {
        var space = payload.IndexOf(' ', StringComparison.Ordinal);
        var version = long.Parse(payload.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture);
        lock (_topics)
        {
            if (_topics.TryGetValue(payload[(space + 1)..], out var topic)) topic.Tell(version);
        }
    }

    private void HearShared()
    {
        lock (_topics)
        {
            _sharedChanges++;
            foreach (var topic in _topics.Values) topic.Wake();
        }
    }

    private void HearLoss()
    {
        HearShared();
        lock (_topics)
        {
            foreach (var topic in _topics.Values) topic.Tell(null);
        }
    }

    private void Leave(string userId, Topic topic)
    {
        lock (_topics)
        {
            if (--topic.Listeners == 0) _topics.Remove(userId);
        }
    }

    internal sealed class Topic
    {
        public int Listeners { get; set; }

        /// <summary>The newest that was heard; null while only the database knows.</summary>
        public long? Newest { get; private set; }

        public TaskCompletionSource Told { get; private set; } = New();

        public void Tell(long? version)
        {
            // Signals of several nodes may overtake each other.
            Newest = version is { } later ? Math.Max(later, Newest ?? 0) : null;
            Wake();
        }

        public void Wake()
        {
            var told = Told;
            Told = New();
            told.SetResult();
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed class Listener(Listeners all, string userId, Topic topic) : IDisposable
    {
        private long _sharedSeen = all.SharedChanges;

        public void Dispose() => all.Leave(userId, topic);

        /// <summary>From where to listen for a device that says what it has; 0 when it does not say.</summary>
        public async Task<long> Begin(long has, CancellationToken ct)
        {
            var position = await all.Look(userId, has, ct);
            if (has == 0) return position.Version;
            // A pull trusts no such timestamp and answers with everything, which is news.
            if (PullPlan.IsFromTheFuture(has, position.Version, all._time.NowMs())) return 0;
            // It hears of shared rows that it lacks like one that was here when they changed.
            if (position.LacksShared) _sharedSeen--;
            return has;
        }

        /// <summary>
        /// The first version after <paramref name="since"/>, or this one again when shared rows have changed; null when the time is over.
        /// </summary>
        public async Task<long?> Next(long since, TimeSpan patience, CancellationToken ct)
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct);
            ends.CancelAfter(patience);
            try
            {
                while (true)
                {
                    var (newest, told, sharedChanges) = Look();
                    if ((newest ?? await Version(ends.Token)) is var version && version > since) return version;
                    if (sharedChanges != _sharedSeen) return await NextShared(since, ends.Token);
                    await told.WaitAsync(ends.Token);
                }
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return null;
            }
        }

        /// <summary>
        /// A moment later, or as soon as something of one's own has changed; the next shared change hastens nothing, or two would be the
        /// storm. Whoever stops waiting meanwhile begins anew the next time, and still hears of it.
        /// </summary>
        private async Task<long> NextShared(long since, CancellationToken ct)
        {
            var moment = Task.Delay(SharedSpread * Random.Shared.NextDouble(), ct);
            while (true)
            {
                var (newest, told, sharedChanges) = Look();
                if (moment.IsCompleted || newest > since)
                {
                    ct.ThrowIfCancellationRequested();
                    _sharedSeen = sharedChanges;
                    return Math.Max(since, await Version(ct));
                }

                await Task.WhenAny(told, moment);
            }
        }

        private async Task<long> Version(CancellationToken ct) =>
            (await all._database.Read(tx => Versions.Read(tx, userId).AsTask(), ct)).Version;

        private (long? Newest, Task Told, long SharedChanges) Look()
        {
            lock (all._topics) return (topic.Newest, topic.Told.Task, all._sharedChanges);
        }
    }
}

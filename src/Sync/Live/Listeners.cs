using System.Globalization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
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

    private readonly Database _database;
    private readonly Signals _signals;
    private readonly CancellationToken _stopping;
    private readonly IDisposable _subscription;
    private readonly Dictionary<string, Topic> _topics = new(StringComparer.Ordinal);

    public Listeners(Database database, Signals signals, IHostApplicationLifetime lifetime)
    {
        _database = database;
        _signals = signals;
        _stopping = lifetime.ApplicationStopping;
        _subscription = signals.Subscribe(Versions.Signal, Hear);
        _signals.Lost += HearLoss;
    }

    public void Dispose()
    {
        _subscription.Dispose();
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
        if (listener is null || await listener.Version(ct) != since) return;
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

    private void Hear(string payload)
    {
        var space = payload.IndexOf(' ', StringComparison.Ordinal);
        var version = long.Parse(payload.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture);
        lock (_topics)
        {
            if (_topics.TryGetValue(payload[(space + 1)..], out var topic)) topic.Tell(version);
        }
    }

    private void HearLoss()
    {
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
            var told = Told;
            Told = New();
            told.SetResult();
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed class Listener(Listeners all, string userId, Topic topic) : IDisposable
    {
        public void Dispose() => all.Leave(userId, topic);

        public async Task<long> Version(CancellationToken ct) =>
            (await all._database.Read(tx => Versions.Read(tx, userId).AsTask(), ct)).Version;

        /// <summary>The first version after <paramref name="since"/>; null when the time is over.</summary>
        public async Task<long?> Next(long since, TimeSpan patience, CancellationToken ct)
        {
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(ct);
            ends.CancelAfter(patience);
            try
            {
                while (true)
                {
                    var (newest, told) = Look();
                    if ((newest ?? await Version(ends.Token)) is var version && version > since) return version;
                    await told.WaitAsync(ends.Token);
                }
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return null;
            }
        }

        private (long? Newest, Task Told) Look()
        {
            lock (all._topics) return (topic.Newest, topic.Told.Task);
        }
    }
}

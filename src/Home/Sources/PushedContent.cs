using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Home.Sources;

/// <summary>A pushed snapshot as feeds copy it, and until when.</summary>
internal sealed record PushedSnapshot(Snapshot Snapshot, long FreshUntil, long ShownUntil)
{
    public static PushedSnapshot Of(StoredSnapshots.Pushed pushed) => new(
        Snapshot.Of(pushed.Content is null ? null : Encoding.UTF8.GetBytes(pushed.Content), pushed.ReceivedAt),
        pushed.FreshUntil, pushed.ShownUntil);
}

/// <summary>
/// What was pushed, in memory: all that everybody is shown, and what persons are shown who were here lately. A person's is read once, and
/// again after a push to them; so the first feed after a push has it, on every node.
/// </summary>
internal sealed class PushedContent(Database database, TimeProvider time) : IDisposable
{
    private const int PersonsMax = 20_000;

    /// <summary>Makes up for a signal that was lost.</summary>
    private const long AgeMax = 10 * Clock.Minute;

    private readonly ConcurrentDictionary<string, Person> _persons = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _reading = new(1);
    private volatile FrozenDictionary<string, PushedSnapshot> _shared = FrozenDictionary<string, PushedSnapshot>.Empty;

    // Held before it is begun: a push that comes meanwhile finds it and takes it away.
    private sealed record Person(long ReadAt, Lazy<Task<FrozenDictionary<string, PushedSnapshot>>> Content);

    /// <summary>What everybody is shown of a widget; null when nothing was pushed, or it is too old.</summary>
    public PushedSnapshot? Shared(string widgetKey, long now) =>
        _shared.TryGetValue(widgetKey, out var pushed) && pushed.ShownUntil > now ? pushed : null;

    /// <summary>The next moment at which something shared grows too old.</summary>
    public long NextEnd(long now) => _shared.Values.Select(one => one.ShownUntil).Where(at => at > now).DefaultIfEmpty(long.MaxValue).Min();

    /// <summary>All that was pushed to a person, by the widget's key; memory answers but for the first time.</summary>
    public async ValueTask<FrozenDictionary<string, PushedSnapshot>> Of(string userId, CancellationToken ct)
    {
        var now = time.NowMs();
        if (_persons.TryGetValue(userId, out var known) && now - known.ReadAt < AgeMax && !known.Content.Value.IsFaulted)
            return await known.Content.Value.WaitAsync(ct);
        if (_persons.Count >= PersonsMax) _persons.Clear();
        // Not the request's token: others wait for the same reading.
        var person = new Person(now, new(() => Task.Run(() => Read(userId), CancellationToken.None)));
        _persons[userId] = person;
        return await person.Content.Value.WaitAsync(ct);
    }

    /// <summary>A reading that is under way is no longer asked for, because it may have begun too early.</summary>
    public void Forget(string userId) => _persons.TryRemove(userId, out _);

    public void ForgetAll() => _persons.Clear();

    /// <summary>Reads what everybody is shown; what was committed before the call is there after it.</summary>
    public async Task Reload(CancellationToken ct)
    {
        await _reading.WaitAsync(ct);
        try
        {
            var all = await database.Read(tx => StoredSnapshots.ForAll(tx).AsTask(), ct);
            _shared = all.ToFrozenDictionary(one => one.WidgetKey, PushedSnapshot.Of, StringComparer.Ordinal);
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private async Task<FrozenDictionary<string, PushedSnapshot>> Read(string userId)
    {
        var all = await database.Read(tx => StoredSnapshots.OfPerson(tx, userId).AsTask());
        return all.ToFrozenDictionary(one => one.WidgetKey, PushedSnapshot.Of, StringComparer.Ordinal);
    }
}

using System.Collections.Frozen;
using System.Text;
using Kontor.Foundation.Caching;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Segments;
using Microsoft.Extensions.Options;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Sources;

/// <summary>A pushed snapshot as feeds copy it, and until when.</summary>
internal sealed record PushedSnapshot(Snapshot Snapshot, long FreshUntil, long ShownUntil)
{
    /// <param name="cache">What narrows its times; null for nothing.</param>
    public static PushedSnapshot Of(StoredSnapshots.Pushed pushed, WidgetCache? cache)
    {
        var (freshUntil, shownUntil) = cache?.Narrow(pushed.ReceivedAt, pushed.FreshUntil, pushed.ShownUntil)
            ?? (pushed.FreshUntil, pushed.ShownUntil);
        return new(
            Snapshot.Of(pushed.Content is null ? null : Encoding.UTF8.GetBytes(pushed.Content), pushed.ReceivedAt), freshUntil, shownUntil);
    }
}

/// <summary>
/// What was pushed, in memory: all that everybody is shown, and what persons are shown who were here lately, bounded by its bytes; the
/// longest unused are forgotten first. A person's is read once, and again after a push to them; so the first feed after a push has it, on
/// every node.
/// </summary>
internal sealed class PushedContent(Database database, PersonReads reads, IOptions<HomeOptions> options, TimeProvider time) : IDisposable
{
    /// <summary>What a person, and each snapshot, weighs beside the content, roughly.</summary>
    private const long Overhead = 250;

    /// <summary>Of most people, who share it.</summary>
    private static readonly FrozenDictionary<string, PushedSnapshot> Nothing = FrozenDictionary<string, PushedSnapshot>.Empty;

    /// <summary>Makes up for a signal that was lost.</summary>
    private const long AgeMax = 10 * Clock.Minute;

    private volatile IReadOnlyDictionary<string, WidgetCache> _caches = FrozenDictionary<string, WidgetCache>.Empty;

    private readonly Recent<string, Reading<FrozenDictionary<string, PushedSnapshot>>> _persons =
        new(
            options.Value.PushedMegabytesMax * 1024L * 1024, static person => BytesOf(person.Value),
            TimeSpan.FromMilliseconds(AgeMax), time);

    private readonly SemaphoreSlim _reading = new(1);
    private volatile FrozenDictionary<string, PushedSnapshot> _shared = FrozenDictionary<string, PushedSnapshot>.Empty;
    private volatile FrozenDictionary<(string Widget, string Segment), PushedSnapshot> _segments =
        FrozenDictionary<(string Widget, string Segment), PushedSnapshot>.Empty;

    /// <summary>What everybody is shown of a widget; null when nothing was pushed, or it is too old.</summary>
    public PushedSnapshot? Shared(string widgetKey, long now) =>
        _shared.TryGetValue(widgetKey, out var pushed) && pushed.ShownUntil > now ? pushed : null;

    /// <summary>When the youngest came that all, or a segment's members, are shown; null as with <see cref="Shared"/>.</summary>
    public long? Youngest(string widgetKey, long now)
    {
        var ofSegments = Segments.Select(segment => ForSegment(widgetKey, segment, now)?.Snapshot.AsOf);
        return ofSegments.Append(Shared(widgetKey, now)?.Snapshot.AsOf).Max();
    }

    /// <summary>The segments for which there is something to show, or was lately.</summary>
    public IEnumerable<string> Segments => _segments.Keys.Select(one => one.Segment).Distinct(StringComparer.Ordinal);

    /// <summary>What members of a segment are shown of a widget; null as with <see cref="Shared"/>.</summary>
    public PushedSnapshot? ForSegment(string widgetKey, string segment, long now) =>
        _segments.TryGetValue((widgetKey, segment), out var pushed) && pushed.ShownUntil > now ? pushed : null;

    /// <summary>The next moment at which something shared grows too old.</summary>
    public long NextEnd(long now) => _shared.Values.Concat(_segments.Values).Select(one => one.ShownUntil).Where(at => at > now)
        .DefaultIfEmpty(long.MaxValue).Min();

    /// <summary>All that was pushed to a person, by the widget's key; memory answers but for the first time. Null when it cannot be
    /// read.</summary>
    public ValueTask<FrozenDictionary<string, PushedSnapshot>?> Of(string userId, CancellationToken ct)
    {
        var person = _persons.FindOrAdd(
            userId, (Content: this, Now: time.NowMs()),
            static (known, given) => known.IsGood(given.Now, AgeMax),
            static (id, given) => new(given.Now, () => given.Content.Read(id)));
        return reads.InTime(person, "pushed content", ct);
    }

    /// <summary>A reading that is under way is no longer asked for, because it may have begun too early.</summary>
    public void Forget(string userId) => _persons.Forget(userId);

    public void ForgetAll() => _persons.Clear();

    /// <summary>Takes over what narrows how long content is shown, also that which is held already.</summary>
    /// <param name="caches">By the widget's key.</param>
    /// <param name="changed">As of <see cref="Reload"/>.</param>
    /// <param name="ct">Ends the reading.</param>
    public async Task Narrow(IReadOnlyDictionary<string, WidgetCache> caches, Action changed, CancellationToken ct)
    {
        var before = _caches;
        if (before.Count == caches.Count && caches.All(one => before.GetValueOrDefault(one.Key) == one.Value)) return;
        _caches = caches;
        ForgetAll();
        try
        {
            await Reload(changed, ct);
        }
        catch
        {
            // Whoever comes next has to narrow what is held.
            _caches = before;
            throw;
        }
    }

    /// <summary>Reads what everybody is shown; what was committed before the call is there after it.</summary>
    /// <param name="changed">Called when anybody is now shown something else, and not when something is merely fresh for longer.</param>
    public async Task Reload(Action changed, CancellationToken ct)
    {
        await _reading.WaitAsync(ct);
        try
        {
            var (all, some) = await database.Read(
                async tx => (await StoredSnapshots.ForAll(tx), await StoredSnapshots.ForSegments(tx, await StoredSegments.Keys(tx))), ct);
            var (before, beforeOfSegments) = (_shared, _segments);
            _shared = all.ToFrozenDictionary(one => one.WidgetKey, Narrowed, StringComparer.Ordinal);
            _segments = some.ToFrozenDictionary(one => (one.WidgetKey, Audience.SegmentOf(one.UserId)!), Narrowed);
            if (Differs(before, _shared) || Differs(beforeOfSegments, _segments)) changed();
        }
        finally
        {
            _reading.Release();
        }
    }

    public void Dispose() => _reading.Dispose();

    private PushedSnapshot Narrowed(StoredSnapshots.Pushed pushed) =>
        PushedSnapshot.Of(pushed, _caches.GetValueOrDefault(pushed.WidgetKey));

    private bool Differs<TKey>(IReadOnlyDictionary<TKey, PushedSnapshot> before, IReadOnlyDictionary<TKey, PushedSnapshot> after)
        where TKey : notnull
    {
        var now = time.NowMs();
        return before.Keys.Concat(after.Keys).Any(key => !IsSame(before.GetValueOrDefault(key), after.GetValueOrDefault(key), now));
    }

    private static bool IsSame(PushedSnapshot? before, PushedSnapshot? after, long now)
    {
        var (was, isNow) = (before?.ShownUntil > now, after?.ShownUntil > now);
        return was == isNow && (!isNow || before!.Snapshot.Hash.AsSpan().SequenceEqual(after!.Snapshot.Hash));
    }

    private async Task<FrozenDictionary<string, PushedSnapshot>> Read(string userId)
    {
        var all = await database.Read(tx => StoredSnapshots.OfPerson(tx, userId).AsTask());
        if (all.Count == 0) return Nothing;
        var content = all.ToFrozenDictionary(one => one.WidgetKey, Narrowed, StringComparer.Ordinal);
        _persons.Grow(BytesOf(content) - Overhead);
        return content;
    }

    private static long BytesOf(FrozenDictionary<string, PushedSnapshot>? content) =>
        Overhead + (content?.Values.Sum(one => Overhead + (one.Snapshot.Content?.Length ?? 0)) ?? 0);
}

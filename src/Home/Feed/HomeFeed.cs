using System.Collections.Frozen;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Ranking;
using Kontor.Home.Simulation;
using Kontor.Home.Sources;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Feed;

/// <summary>One reader's feed: the skeleton that is shared, this person's own snapshots, and the order of both.</summary>
/// <param name="IsWhole">Nothing is missing because the database could not be read; what is not whole may be shown, and not kept.</param>
internal sealed record FeedView(Skeleton Skeleton, IReadOnlyList<Snapshot?> Personal, FeedOrder Order, bool IsWhole)
{
    /// <summary>Made once for all who get the same, and for a person as long as their own content is the same.</summary>
    public string ETag
    {
        get
        {
            if (Order.Tag is { } known && known.IsOf(Personal)) return known.Text;
            var tag = new FeedTag([.. Personal.Select(own => own?.Hash)], Skeleton.ETag(Order, Personal));
            Order.Tag = tag;
            return tag.Text;
        }
    }

    /// <summary>How many bytes <see cref="Write"/> writes.</summary>
    public int Length => SharedJson()?.Length ?? (int)Skeleton.LengthOf(Order, Personal);

    /// <summary>Ends the feed's id, which events tell of.</summary>
    public string Mark => Skeleton.Mark;

    public IEnumerable<(Skeleton.Part Part, byte[] Content)> Shown => Skeleton.Shown(Order, Personal);

    /// <summary>The `widgets` array, in one piece.</summary>
    public void Write(ref Span<byte> rest)
    {
        if (SharedJson() is { } shared) Skeleton.Put(ref rest, shared);
        else Skeleton.Write(ref rest, Order, Personal);
    }

    /// <summary>Those bytes that many readers get, copied once and kept; null where they are this reader's.</summary>
    private byte[]? SharedJson()
    {
        if (!Order.IsShared || Personal.Count > 0) return null;
        if (Order.Json is { } known) return known;
        var json = new byte[Skeleton.LengthOf(Order, [])];
        var rest = json.AsSpan();
        Skeleton.Write(ref rest, Order, []);
        Skeleton.Grow(json.Length);
        return Order.Json = json;
    }
}

/// <summary>
/// Puts feeds together from memory. It waits for a source only where a person's snapshot is missing or stale, and then hardly.
/// </summary>
internal sealed class HomeFeed(
    FeedModels models, Readers readers, PersonalSnapshots persons, PushedContent pushed, Pulls pulls, FeedOrders orders,
    KnownPersons known, RecordedReaders recorded, IOptions<HomeOptions> options, TimeProvider time)
{
    private readonly long _waitMs = options.Value.PersonalWaitMs;

    /// <summary>For somebody who really looks, who then is one of those on whom changes are tried.</summary>
    /// <param name="visitor">Tells one from another: <see cref="RecordedReaders.MarkOf"/>.</param>
    public ValueTask<FeedView> For(FeedQuery query, CurrentUser? user, int visitor, CancellationToken ct) =>
        For(models.Current, query, user, time.NowMs(), isPerson: true, ct, visitor);

    /// <summary>As it would be by another model, or at another moment.</summary>
    /// <param name="isPerson">False for somebody who is made up: no source is asked about them.</param>
    public async ValueTask<FeedView> For(
        FeedModel model, FeedQuery query, CurrentUser? user, long now, bool isPerson, CancellationToken ct,
        int? visitor = null)
    {
        var person = user is null ? null : known.Of(user.Id);
        // Begun before anything is waited for: its time runs already.
        var taste = person is null ? default : known.StateOf(person, ct);
        var reader = await readers.Of(model, query, user, ct);
        if (visitor is { } mark) recorded.Add(model, reader, mark);
        var isUsual = isPerson && model == models.Current;
        var skeleton = model.SkeletonFor(ProjectionOf(model, reader, now, isUsual ? person : null));
        var (personal, isWhole) = user is null || skeleton.Personal.Count == 0 ? ([], true)
            : isPerson ? await Personal(skeleton, user, ct)
            : ([.. skeleton.Personal.Select(_ => (Snapshot?)null)], true);
        var state = await taste;
        var order = orders.Of(skeleton, skeleton.Present(personal), user, person, state);
        return new(skeleton, personal, order, isWhole && reader.IsWhole && (person is null || state is not null));
    }

    private Projection ProjectionOf(FeedModel model, Reader reader, long now, KnownPersons.Person? person)
    {
        if (person is null) return Projection.Of(model, reader, now);
        if (person.Projections.Find(model, reader, now, out var projection)) return projection;
        projection = Projection.Of(model, reader, now);
        known.Grow(person.Projections.Add(model, reader, projection));
        return projection;
    }

    private async ValueTask<(IReadOnlyList<Snapshot?> Shown, bool IsWhole)> Personal(
        Skeleton skeleton, CurrentUser user, CancellationToken ct)
    {
        var slots = persons.Of(user.Id, skeleton.Offered);
        if (Renew(slots) is { } missing) await Wait(missing, ct);
        var (next, now) = (0, time.NowMs());
        var isPushed = skeleton.Offered.Count < skeleton.Personal.Count;
        var own = isPushed ? await pushed.Of(user.Id, ct) : null;
        var shown = new Snapshot?[skeleton.Personal.Count];
        for (var i = 0; i < shown.Length; i++)
        {
            var one = skeleton.Personal[i];
            shown[i] = Formed(one, one.IsPersonal ? slots[next++].At(now) : Own(own, one, now));
        }

        return (shown, !isPushed || own is not null);
    }

    private static Snapshot? Formed(FeedWidget one, Snapshot? own) => one.Form is { } form && own is not null ? form.Of(own) : own;

    private static Snapshot? Own(FrozenDictionary<string, PushedSnapshot>? own, FeedWidget one, long now) =>
        own is not null && own.TryGetValue(one.Widget.Key, out var told) && told.ShownUntil > now ? told.Snapshot : null;

    /// <summary>Begins what is due; answers what is worth waiting for, and null when nothing is.</summary>
    private List<(Task Renewal, long Began)>? Renew(IReadOnlyList<Slot> slots)
    {
        List<(Task, long)>? missing = null;
        var now = time.NowMs();
        for (var i = 0; i < slots.Count; i++)
        {
            var slot = slots[i];
            if (!slot.IsDue(now) || pulls.Renew(slot) is not { } renewal) continue;
            // A snapshot that is merely old is shown; one that the person has just outdated is not, if it can be helped.
            if (slot.Shown is null || slot.IsStale) (missing ??= []).Add(renewal);
        }

        return missing;
    }

    private async Task Wait(List<(Task Renewal, long Began)> missing, CancellationToken ct)
    {
        // A slow source delays the requests of the first moments, not each one as long as it is slow.
        var waitMs = missing.Max(renewal => renewal.Began) + _waitMs - time.NowMs();
        if (waitMs <= 0) return;
        await Task.WhenAll(missing.Select(renewal => renewal.Renewal))
            .WaitAsync(TimeSpan.FromMilliseconds(Math.Min(waitMs, _waitMs)), ct)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ct.ThrowIfCancellationRequested();
    }
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Widgets;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Insight;

/// <summary>
/// Takes in what readers did: each event once, its id and all that is counted of it in one transaction, so that what was acknowledged is
/// counted, and what was not can be sent again.
/// </summary>
internal sealed class EventLog(
    Database database, FeedModels models, IEnumerable<IFeedEventReader> readers, IOptions<HomeOptions> options,
    IOptions<LimitOptions> limits)
{
    /// <summary>What was recorded without a connection counts on its own day, as long as it is not older.</summary>
    public const long LateMax = 7 * Clock.Day;

    private readonly IFeedEventReader[] _readers = [.. readers];

    /// <summary>Why an event was not counted.</summary>
    public enum Reason
    {
        UnknownWidget,
        TooOld,
        TooMany,
    }

    /// <param name="Counted">In the order in which they were sent.</param>
    /// <param name="Repeated">Those whose id was counted before, or came twice.</param>
    public sealed record Outcome(
        IReadOnlyList<FeedEvent> Counted, int Repeated, IReadOnlyList<(FeedEvent Event, Reason Reason)> Ignored);

    public Task<Outcome> Record(Visitor visitor, IReadOnlyList<FeedEvent> events, long now, CancellationToken ct) => database.Write(
        async tx =>
        {
            var ignored = new List<(FeedEvent, Reason)>();
            var distinct = events.DistinctBy(one => one.Id).ToList();
            var widgets = await Known(tx, visitor, distinct);
            var good = Keep(distinct, one => widgets.Contains(one.WidgetId), Reason.UnknownWidget);
            good = Keep(good, one => one.At > now - LateMax, Reason.TooOld);
            var claimed = await Claim(tx, visitor, good);
            if (claimed.Count == 0) return new Outcome([], events.Count - ignored.Count, ignored);
            // What comes again costs nobody anything, so only what is new is charged.
            var left = await Allowed(tx, visitor, claimed.Count, now);
            var counted = Keep(claimed, _ => left-- > 0, Reason.TooMany);
            await Release(tx, visitor, claimed.Skip(counted.Count));
            await EventCounts.Add(tx, visitor, counted);
            if (counted.Count > 0)
            {
                foreach (var reader in _readers) await reader.Seen(tx, visitor, counted, now);
            }

            return new Outcome(counted, events.Count - counted.Count - ignored.Count, ignored);

            List<FeedEvent> Keep(List<FeedEvent> all, Func<FeedEvent, bool> holds, Reason otherwise)
            {
                var kept = all.Where(holds).ToList();
                if (kept.Count < all.Count) ignored.AddRange(all.Except(kept).Select(one => (one, otherwise)));
                return kept;
            }
        }, ct);

    /// <summary>Those that the sender may know of; the others are to them as if there were none.</summary>
    private async Task<HashSet<string>> Known(Tx tx, Visitor visitor, List<FeedEvent> events)
    {
        var known = models.Current.ById;
        var ids = events.Select(one => one.WidgetId).ToHashSet(StringComparer.Ordinal);
        // Archived ones, and what another node has just made.
        string[] others = [.. ids.Where(id => !known.ContainsKey(id))];
        var found = others.Length == 0 ? [] : await StoredWidgets.ByIds(tx, others);
        return
        [
            .. ids.Select(known.GetValueOrDefault).OfType<FeedWidget>().Select(one => one.Widget).Concat(found)
                .Where(visitor.MayKnow).Select(widget => widget.Id),
        ];
    }

    /// <summary>
    /// How many of so many more events are still counted for this sender today. The row is locked until the commit, so one sender's
    /// batches are charged one after the other.
    /// </summary>
    private async Task<long> Allowed(Tx tx, Visitor visitor, int more, long now)
    {
        var sent = await tx.First<long>("""
            INSERT INTO home_event_senders (user_id, network, day, events)
            VALUES (@userId, @network, @day, @more)
            ON CONFLICT (user_id, network, day) DO UPDATE SET events = home_event_senders.events + excluded.events
            RETURNING events
            """, new
        {
            userId = visitor.UserId ?? "",
            network = visitor.UserId is null ? visitor.Network : "",
            day = now / Clock.Day,
            more = (long)more,
        });
        if (limits.Value.Off) return more;
        var most = visitor.UserId is null ? options.Value.EventsPerNetworkDaily : options.Value.EventsPerPersonDaily;
        return Math.Clamp(most - (sent - more), 0, more);
    }

    /// <summary>Those whose ids nobody has claimed before.</summary>
    private static async Task<List<FeedEvent>> Claim(Tx tx, Visitor visitor, List<FeedEvent> events)
    {
        if (events.Count == 0) return [];
        var byKey = events.ToDictionary(one => KeyOf(visitor, one));
        var claimed = await tx.Query<string>($"""
            INSERT INTO home_event_ids (id, at)
            SELECT r.id, r.at
            FROM {tx.Dialect.Rows("rows", "id text", "at bigint")} r
            WHERE true
            ORDER BY r.id
            ON CONFLICT (id) DO NOTHING
            RETURNING id
            """, new { rows = JsonSerializer.Serialize(byKey.Select(one => new { id = one.Key, at = one.Value.At })) });
        var mine = claimed.ToHashSet(StringComparer.Ordinal);
        return [.. byKey.Where(one => mine.Contains(one.Key)).Select(one => one.Value)];
    }

    /// <summary>Leaves ids to be sent again on another day.</summary>
    private static async Task Release(Tx tx, Visitor visitor, IEnumerable<FeedEvent> events)
    {
        var ids = events.Select(one => KeyOf(visitor, one)).ToArray();
        if (ids.Length > 0) await tx.Execute($"DELETE FROM home_event_ids WHERE id {tx.Dialect.In("ids")}", new { ids });
    }

    /// <summary>
    /// An id belongs to a person, else to a device, else to all strangers without one. What is stored tells of none of them: nobody can
    /// name the id without having made it.
    /// </summary>
    private static string KeyOf(Visitor visitor, FeedEvent one)
    {
        var owner = visitor switch
        {
            { UserId: { } user } => $"user:{user}",
            { DeviceId: { } device } => $"device:{device}",
            _ => "",
        };
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{owner}/{one.Id}")).AsSpan(0, 16));
    }
}

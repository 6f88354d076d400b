using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Home.Segments;

namespace Kontor.Home.Sources;

/// <summary>What sources have pushed: for each widget the latest for all, and the latest for each person.</summary>
internal static class StoredSnapshots
{
    /// <summary>Raised with `source/key/user` when something was pushed or withdrawn; without a user it is what all are shown.</summary>
    public const string Signal = "home.pushed";

    /// <summary>As many personal widgets as one person is looked up for.</summary>
    private const int OfPersonMax = 200;

    private const int OfSegmentsMax = 5000;

    public static readonly Problem StaleVersion = new(409, "stale-version", "A snapshot of this version or a later one is there already.");

    private const string Columns = "source, key, user_id, version, content, received_at, fresh_until, shown_until";

    /// <param name="UserId">As <see cref="Audience"/> has it: empty for everybody.</param>
    public sealed record Pushed(
        string Source, string Key, string UserId, long Version, string? Content, long ReceivedAt, long FreshUntil, long ShownUntil)
    {
        public string WidgetKey => $"{Source}.{Key}";
    }

    /// <summary>The same again is done already; anything else needs a later version than what is there.</summary>
    public static async Task<Outcome<bool>> Store(Tx tx, Pushed pushed)
    {
        var written = await tx.Execute($"""
            INSERT INTO home_snapshots ({Columns})
            VALUES (@source, @key, @userId, @version, @content, @receivedAt, @freshUntil, @shownUntil)
            ON CONFLICT (user_id, source, key) DO UPDATE
            SET version = excluded.version, content = excluded.content, received_at = excluded.received_at,
                fresh_until = excluded.fresh_until, shown_until = excluded.shown_until
            WHERE home_snapshots.version < excluded.version
            """, new
        {
            source = pushed.Source,
            key = pushed.Key,
            userId = pushed.UserId,
            version = pushed.Version,
            content = pushed.Content,
            receivedAt = pushed.ReceivedAt,
            freshUntil = pushed.FreshUntil,
            shownUntil = pushed.ShownUntil,
        });
        if (written == 0)
        {
            var there = (await Find(tx, pushed.Source, pushed.Key, pushed.UserId))!;
            if (there.Version == pushed.Version && there.Content == pushed.Content) return true;
            return StaleVersion.Because($"Version {there.Version} is there already.").With("version", there.Version);
        }

        Tell(tx, pushed.Source, pushed.Key, pushed.UserId);
        return true;
    }

    /// <summary>
    /// As <see cref="Store"/>, and the same again, asked for anew, is true for as long anew - unless it was withdrawn after it was asked
    /// for.
    /// </summary>
    /// <param name="askedAt">When the call began that brought it.</param>
    public static async Task<Outcome<bool>> StorePulled(Tx tx, Pushed pulled, long askedAt)
    {
        var renewed = await tx.Execute("""
            UPDATE home_snapshots
            SET received_at = @receivedAt, fresh_until = @freshUntil, shown_until = @shownUntil
            WHERE user_id = @userId AND source = @source AND key = @key AND version = @version
              AND COALESCE(content, '') = COALESCE(@content, '')
              AND NOT (shown_until > @askedAt AND shown_until <= @receivedAt)
            """, new
        {
            userId = pulled.UserId,
            source = pulled.Source,
            key = pulled.Key,
            version = pulled.Version,
            content = pulled.Content,
            receivedAt = pulled.ReceivedAt,
            freshUntil = pulled.FreshUntil,
            shownUntil = pulled.ShownUntil,
            askedAt,
        });
        if (renewed == 0) return await Store(tx, pulled);
        Tell(tx, pulled.Source, pulled.Key, pulled.UserId);
        return true;
    }

    /// <summary>Nothing has changed of what came with one answer for all: it is fresh for as long as it was then.</summary>
    public static async Task RenewAll(Tx tx, string source, long receivedAt, long now)
    {
        var renewed = await tx.Execute("""
            UPDATE home_snapshots
            SET received_at = @now, fresh_until = @now + fresh_until - received_at, shown_until = @now + shown_until - received_at
            WHERE user_id = '' AND source = @source AND received_at = @receivedAt AND shown_until > @now
            """, new { source, receivedAt, now });
        if (renewed > 0) Tell(tx, source, "", "");
    }

    /// <summary>From now on it is not shown, until a later version comes. All of the source's widgets when none is named.</summary>
    public static async Task Withdraw(Tx tx, string source, string? key, string userId, long now)
    {
        await tx.Execute("""
            UPDATE home_snapshots SET fresh_until = @now, shown_until = @now
            WHERE user_id = @userId AND source = @source AND (@key IS NULL OR key = @key) AND shown_until > @now
            """, new { userId, source, key, now });
        Tell(tx, source, key ?? "", userId);
    }

    /// <summary>All that a source brought, of persons too: it is no more.</summary>
    public static async Task Delete(Tx tx, string source)
    {
        await tx.Execute("DELETE FROM home_snapshots WHERE source = @source", new { source });
        Tell(tx, source, "", "");
    }

    public static ValueTask<Pushed?> Find(Tx tx, string source, string key, string userId) => tx.First<Pushed>($"""
        SELECT {Columns} FROM home_snapshots
        WHERE user_id = @userId AND source = @source AND key = @key
        """, new { userId, source, key });

    /// <summary>What everybody is shown, for as many widgets as there can be.</summary>
    public static ValueTask<List<Pushed>> ForAll(Tx tx) => OfOwner(tx, "", 2 * Widgets.StoredWidgets.LiveMax);

    /// <summary>What members of segments are shown; a table knows persons and segments by one column, so it is asked for each.</summary>
    public static ValueTask<List<Pushed>> ForSegments(Tx tx, IEnumerable<string> segments) => tx.Query<Pushed>($"""
        SELECT {Columns} FROM home_snapshots
        WHERE user_id {tx.Dialect.In("audiences")}
        ORDER BY user_id, source, key
        LIMIT {OfSegmentsMax}
        """, new { audiences = segments.Select(Audience.OfSegment).ToArray() });

    /// <summary>For which of these segments content was pushed.</summary>
    public static async Task<List<string>> PushedSegments(Tx tx, IEnumerable<string> segments) => (await tx.Query<string>($"""
        SELECT DISTINCT user_id FROM home_snapshots
        WHERE user_id {tx.Dialect.In("audiences")}
        LIMIT {StoredSegments.SegmentsMax}
        """, new { audiences = segments.Select(Audience.OfSegment).ToArray() })).ConvertAll(one => Audience.SegmentOf(one)!);

    /// <summary>Widgets that show, or may show again, something to members of a segment: `lending.offer`.</summary>
    public static async Task<List<string>> WidgetsFor(Tx tx, string segment, long now) => (await tx.Query<Pushed>($"""
        SELECT {Columns} FROM home_snapshots
        WHERE user_id = @audience AND shown_until > @now
        ORDER BY source, key
        LIMIT {OfPersonMax}
        """, new { audience = Audience.OfSegment(segment), now })).ConvertAll(one => one.WidgetKey);

    /// <summary>What was pushed to a segment that is no more.</summary>
    public static async Task Forget(Tx tx, string segment)
    {
        await tx.Execute("DELETE FROM home_snapshots WHERE user_id = @audience", new { audience = Audience.OfSegment(segment) });
        Tell(tx, "", "", Audience.OfSegment(segment));
    }

    public static ValueTask<List<Pushed>> OfPerson(Tx tx, string userId) => OfOwner(tx, userId, OfPersonMax);

    /// <summary>Nobody has been shown these for long; that a version of theirs was there is forgotten too.</summary>
    public static ValueTask<int> Tidy(Tx tx, long shownBefore) => tx.Execute("""
        DELETE FROM home_snapshots
        WHERE (user_id, source, key) IN (
            SELECT user_id, source, key FROM home_snapshots
            WHERE shown_until < @shownBefore
            ORDER BY shown_until
            LIMIT 1000)
        """, new { shownBefore });

    public static (string Source, string Key, string UserId) Read(string signal) =>
        signal.Split('/', 3) is [var source, var key, var user] ? (source, key, user) : throw new FormatException(signal);

    private static ValueTask<List<Pushed>> OfOwner(Tx tx, string userId, long limit) => tx.Query<Pushed>($"""
        SELECT {Columns} FROM home_snapshots
        WHERE user_id = @userId
        ORDER BY source, key
        LIMIT @limit
        """, new { userId, limit });

    private static void Tell(Tx tx, string source, string key, string userId) => tx.Signal(Signal, $"{source}/{key}/{userId}");
}

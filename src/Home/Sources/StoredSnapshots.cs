using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Home.Sources;

/// <summary>What sources have pushed: for each widget the latest for all, and the latest for each person.</summary>
internal static class StoredSnapshots
{
    /// <summary>Raised with `source/key/user` when something was pushed or withdrawn; without a user it is what all are shown.</summary>
    public const string Signal = "home.pushed";

    /// <summary>As many personal widgets as one person is looked up for.</summary>
    private const int OfPersonMax = 200;

    public static readonly Problem StaleVersion = new(409, "stale-version", "A snapshot of this version or a later one is there already.");

    private const string Columns = "source, key, user_id, version, content, received_at, fresh_until, shown_until";

    /// <param name="UserId">Empty for everybody.</param>
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
            return StaleVersion.With("version", there.Version);
        }

        Tell(tx, pushed.Source, pushed.Key, pushed.UserId);
        return true;
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

    public static ValueTask<Pushed?> Find(Tx tx, string source, string key, string userId) => tx.First<Pushed>($"""
        SELECT {Columns} FROM home_snapshots
        WHERE user_id = @userId AND source = @source AND key = @key
        """, new { userId, source, key });

    /// <summary>What everybody is shown, for as many widgets as there can be.</summary>
    public static ValueTask<List<Pushed>> ForAll(Tx tx) => OfOwner(tx, "", 2 * Widgets.StoredWidgets.LiveMax);

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

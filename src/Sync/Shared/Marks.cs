using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Sync.Tables;

namespace Kontor.Sync.Shared;

/// <summary>How far somebody is, in their own versions and in the shared ones.</summary>
/// <param name="Version">The newest version of the user's rows.</param>
/// <param name="Shared">The newest version of the rows that everybody has.</param>
/// <param name="Known">Up to where a device has those that pulled up to the given timestamp.</param>
/// <param name="Marked">Likewise, one that pulled everything that the user's marks know of.</param>
internal sealed record Position(long Version, long Shared, long Known, long Marked)
{
    public bool LacksShared => Known < Shared;
}

/// <summary>
/// Places shared rows in a user's order of versions: a client has one timestamp, and there are two counters. A mark says that whoever has
/// this user's rows up to a version has the shared ones up to another; it gets a newly drawn version, later than every timestamp that was
/// given before, so the place of a timestamp never changes. A pull from one timestamp to another carries the shared changes between
/// their places. See docs/decisions/050-shared-rows.md.
/// </summary>
internal sealed class Marks(Database database, Versions versions, SyncTables tables)
{
    /// <summary>Changes from one mark to the next, so that a page of a catalogue ends somewhere.</summary>
    private const int StepRows = 500;

    /// <summary>A device that was away longer gets all shared rows again.</summary>
    private const long KeepMs = 90 * Clock.Day;

    private sealed record Mark(string UserId, long Version, long SharedVersion);

    /// <summary>A <see cref="Position"/>.</summary>
    public static readonly string SelectOne = $"SELECT {Columns("@userId", "@since")} FROM sync_shared s WHERE s.only_row = 1";

    private sealed record Found(long Place, long Version, long Shared, long Known, long Marked);

    /// <summary>Those of the JSON rows of `people`, each with its place among them.</summary>
    public string SelectMany { get; } = $"""
        SELECT asked.place, {Columns("asked.person", "asked.since")}
        FROM {database.Dialect.Rows("people", "place bigint", "person text", "since bigint")} asked CROSS JOIN sync_shared s
        WHERE s.only_row = 1
        """;

    /// <summary>How far somebody is whose device pulled up to a timestamp.</summary>
    public async ValueTask<Position> Look(Tx tx, string userId, long since) =>
        Of((await tx.First<Position>(SelectOne, new { userId, since }))!);

    /// <summary>Likewise many, in their order.</summary>
    public async ValueTask<Position[]> LookAll(Tx tx, (string UserId, long Since)[] whom)
    {
        if (whom is [var (userId, since)]) return [await Look(tx, userId, since)];
        var people = JsonSerializer.Serialize(whom.Select((one, place) => new { place, person = one.UserId, since = one.Since }));
        var positions = new Position[whom.Length];
        foreach (var one in await tx.Query<Found>(SelectMany, new { people }))
            positions[one.Place] = Of(new(one.Version, one.Shared, one.Known, one.Marked));
        return positions;
    }

    /// <summary>Without a shared table nobody is behind with them.</summary>
    private Position Of(Position read) => tables.Shared.Count > 0 ? read : read with { Shared = 0 };

    /// <summary>The shared version at which a timestamp has its place; an expression.</summary>
    public static string Place(string timestamp, string userId = "@userId") => $"""
        COALESCE((
            SELECT m.shared_version FROM sync_marks m
            WHERE m.user_id = {userId} AND m.version <= {timestamp}
            ORDER BY m.version DESC
            LIMIT 1), 0)
        """;

    /// <summary>True when shared rows changed after the user's last mark; an expression.</summary>
    public static readonly string HasUnmarked = $"""
        (SELECT s.version > {Newest("@userId")} FROM sync_shared s WHERE s.only_row = 1)
        """;

    /// <summary>Each is found by its key, whatever the number of people.</summary>
    private static string Columns(string userId, string since) => $"""
        COALESCE((SELECT u.version FROM sync_users u WHERE u.user_id = {userId}), 1) AS version,
        s.version AS shared,
        {Place(since, userId)} AS known,
        {Newest(userId)} AS marked
        """;

    private static string Newest(string userId) => $"""
        COALESCE((
            SELECT m.shared_version FROM sync_marks m
            WHERE m.user_id = {userId}
            ORDER BY m.version DESC
            LIMIT 1), 0)
        """;

    /// <summary>The user's place among the shared changes becomes that of now; other writers of this user wait meanwhile.</summary>
    public async Task Add(Tx tx, string userId)
    {
        var counter = await versions.Lock(tx, userId);
        var position = await Look(tx, userId, 0);
        if (position.Marked >= position.Shared) return;
        var marks = new List<Mark>();
        for (var at = position.Marked; at < position.Shared;)
        {
            var step = await tx.First<long?>(tables.SelectSharedEnd, new { since = at, limit = StepRows });
            at = Math.Min(step ?? position.Shared, position.Shared);
            marks.Add(new(userId, counter.Version + marks.Count, at));
        }

        await tx.ExecuteEach("""
            INSERT INTO sync_marks (user_id, version, shared_version)
            VALUES (@UserId, @Version, @SharedVersion)
            """, marks);
        var last = marks[^1].Version;
        if (marks.Count > 1) await tx.Execute("UPDATE sync_users SET version = @last WHERE user_id = @userId", new { userId, last });
        // The newest of the old ones stays: it is the place of every timestamp up to the next, also of one that is young.
        await tx.Execute("""
            DELETE FROM sync_marks
            WHERE user_id = @userId AND version < (
                SELECT MAX(m.version) FROM sync_marks m
                WHERE m.user_id = @userId AND m.version <= @before)
            """, new { userId, before = counter.Version - KeepMs });
    }
}

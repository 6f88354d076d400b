using Kontor.Foundation;
using Kontor.Foundation.Data;

namespace Kontor.Home.Segments;

/// <summary>Who is on the lists of those segments that have one.</summary>
internal static class StoredMembers
{
    /// <summary>Raised with a person's id whose lists have changed, or with <see cref="Everybody"/>.</summary>
    public const string Signal = "home.segment-members";

    public const string Everybody = "";
    public const int PersonsMax = 10_000;
    private const int SignalsMax = 50;

    public static readonly Problem TooMany = new(409, "segment-full", $"A list has at most {PersonsMax} persons.");

    /// <returns>How many were not there.</returns>
    public static async Task<Outcome<int>> Add(Tx tx, string segment, IReadOnlyCollection<string> userIds)
    {
        var added = await tx.ExecuteEach("""
            INSERT INTO home_segment_members (user_id, segment)
            VALUES (@userId, @segment)
            ON CONFLICT (user_id, segment) DO NOTHING
            """, [.. userIds.Distinct(StringComparer.Ordinal).Select(userId => new { userId, segment })]);
        if (await Count(tx, segment) > PersonsMax) return TooMany;
        if (added > 0) Tell(tx, userIds);
        return added;
    }

    /// <returns>How many were there.</returns>
    public static async Task<int> Remove(Tx tx, string segment, IReadOnlyCollection<string> userIds)
    {
        var removed = await tx.ExecuteEach("""
            DELETE FROM home_segment_members
            WHERE user_id = @userId AND segment = @segment
            """, [.. userIds.Distinct(StringComparer.Ordinal).Select(userId => new { userId, segment })]);
        if (removed > 0) Tell(tx, userIds);
        return removed;
    }

    /// <summary>Takes all off the list but these.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> Keep(Tx tx, string segment, IReadOnlyCollection<string> userIds)
    {
        var removed = await tx.Execute($"""
            DELETE FROM home_segment_members
            WHERE segment = @segment AND NOT (user_id {tx.Dialect.In("userIds")})
            """, new { segment, userIds = userIds.ToArray() });
        if (removed > 0) tx.Signal(Signal, Everybody);
        return removed;
    }

    public static async Task Clear(Tx tx, string segment)
    {
        await tx.Execute("DELETE FROM home_segment_members WHERE segment = @segment", new { segment });
        tx.Signal(Signal, Everybody);
    }

    public static ValueTask<long> Count(Tx tx, string segment) =>
        tx.First<long>("SELECT COUNT(*) FROM home_segment_members WHERE segment = @segment", new { segment });

    public static ValueTask<List<string>> Page(Tx tx, string segment, string after, int limit) => tx.Query<string>("""
        SELECT user_id FROM home_segment_members
        WHERE segment = @segment AND user_id > @after
        ORDER BY user_id
        LIMIT @limit
        """, new { segment, after, limit });

    /// <summary>The lists that name a person, in order.</summary>
    public static async Task<IReadOnlyList<string>> ListsOf(Tx tx, string userId) => await tx.Query<string>($"""
        SELECT segment FROM home_segment_members
        WHERE user_id = @userId
        ORDER BY segment
        LIMIT {StoredSegments.SegmentsMax}
        """, new { userId });

    private static void Tell(Tx tx, IReadOnlyCollection<string> userIds)
    {
        if (userIds.Count > SignalsMax) tx.Signal(Signal, Everybody);
        else foreach (var userId in userIds) tx.Signal(Signal, userId);
    }
}

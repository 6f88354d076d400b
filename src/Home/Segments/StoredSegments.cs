using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Home.Segments;

/// <summary>The saved groups. Every change is told to all nodes as a change of widgets is, because it can change any feed.</summary>
internal static class StoredSegments
{
    public const int SegmentsMax = 200;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such segment.");
    public static readonly Problem Taken = new(409, "segment-key-taken", "Another segment has this key.");
    public static readonly Problem TooMany = new(409, "too-many-segments", $"There are {SegmentsMax} segments already.");
    public static readonly Problem Changed = new(409, "segment-changed", "Somebody else changed this segment. Look again.");

    private const string Columns = "key, title, rule, priority, version, proposal, proposer_id, created_at, updated_at";

    private sealed record Row(
        string Key, string Title, string? Rule, long Priority, long Version, string? Proposal, string? ProposerId, long CreatedAt,
        long UpdatedAt);

    /// <summary>By key.</summary>
    public static async Task<List<Segment>> All(Tx tx) => (await tx.Query<Row>($"""
        SELECT {Columns} FROM home_segments
        ORDER BY key
        LIMIT {SegmentsMax}
        """)).ConvertAll(Read);

    /// <summary>As <see cref="All"/>; nobody else changes one until this transaction ends, so that no two changes make a circle.</summary>
    public static async Task<List<Segment>> AllToChange(Tx tx) => (await tx.Query<Row>($"""
        SELECT {Columns} FROM home_segments
        ORDER BY key
        LIMIT {SegmentsMax} {tx.Dialect.ForUpdate}
        """)).ConvertAll(Read);

    public static ValueTask<List<string>> Keys(Tx tx) =>
        tx.Query<string>($"SELECT key FROM home_segments ORDER BY key LIMIT {SegmentsMax}");

    public static ValueTask<bool> Exists(Tx tx, string key) =>
        tx.First<bool>("SELECT EXISTS (SELECT 1 FROM home_segments WHERE key = @key)", new { key });

    public static async Task<Outcome<Segment>> Create(Tx tx, Segment segment)
    {
        var written = await tx.Execute($"""
            INSERT INTO home_segments ({Columns})
            VALUES (@key, @title, @rule, @priority, @version, @proposal, @proposerId, @createdAt, @updatedAt)
            ON CONFLICT (key) DO NOTHING
            """, Arguments(segment));
        if (written == 0) return Taken;
        tx.Signal(Widgets.StoredWidgets.Signal);
        return segment;
    }

    /// <param name="before">As it was read in this transaction by <see cref="AllToChange"/>.</param>
    public static async Task<Segment> Write(Tx tx, Segment before, Segment after, TimeProvider time)
    {
        if (Arguments(after).Equals(Arguments(before))) return before;
        // A wish that waits is no change of who belongs to it.
        var isOther = !Arguments(after with { ProposedRule = before.ProposedRule, ProposerId = before.ProposerId })
            .Equals(Arguments(before));
        if (isOther) after = after with { Version = before.Version + 1, UpdatedAt = time.NowMs() };
        await tx.Execute("""
            UPDATE home_segments
            SET title = @title, rule = @rule, priority = @priority, version = @version, proposal = @proposal,
                proposer_id = @proposerId, updated_at = @updatedAt
            WHERE key = @key
            """, Arguments(after));
        tx.Signal(Widgets.StoredWidgets.Signal);
        return after;
    }

    public static async Task Delete(Tx tx, string key)
    {
        await StoredMembers.Clear(tx, key);
        await tx.Execute("DELETE FROM home_segments WHERE key = @key", new { key });
        tx.Signal(Widgets.StoredWidgets.Signal);
    }

    private static object Arguments(Segment segment) => new
    {
        key = segment.Key,
        title = segment.Title,
        rule = segment.Rule?.GetRawText(),
        priority = segment.Priority,
        version = segment.Version,
        proposal = segment.ProposedRule?.GetRawText(),
        proposerId = segment.ProposerId,
        createdAt = segment.CreatedAt,
        updatedAt = segment.UpdatedAt,
    };

    private static Segment Read(Row row) => new(
        row.Key, row.Title, row.Rule is null ? null : JsonElement.Parse(row.Rule), row.Priority, row.Version,
        row.Proposal is null ? null : JsonElement.Parse(row.Proposal), row.ProposerId, row.CreatedAt, row.UpdatedAt);
}

using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;

namespace Kontor.Home.Segments;

/// <summary>What other systems told of a person, and the lists that name them.</summary>
internal sealed class ToldPersonalData : IPersonalPart
{
    private sealed record Told(string Source, string Facts, long ReceivedAt);

    private sealed record OnList(string Segment);

    private sealed record Wish(string Key, string? Proposal);

    public async Task Export(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        await export.List<Told, object>(
            "attributes",
            (tx, last) => tx.Query<Told>($"""
                SELECT source, facts, received_at FROM home_facts
                WHERE user_id = @userId AND source > @after
                ORDER BY source
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Source ?? "" }),
            one => new { one.Source, attributes = JsonNode.Parse(one.Facts), receivedAt = one.ReceivedAt.ToTime() },
            ct);
        await export.List<OnList, object>(
            "segments",
            (tx, last) => tx.Query<OnList>($"""
                SELECT segment FROM home_segment_members
                WHERE user_id = @userId AND segment > @after
                ORDER BY segment
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Segment ?? "" }),
            one => one.Segment,
            ct);
        await export.List<Wish, object>(
            "proposedSegments",
            (tx, last) => tx.Query<Wish>($"""
                SELECT key, proposal FROM home_segments
                WHERE proposer_id = @userId AND key > @after
                ORDER BY key
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Key ?? "" }),
            one => new { segment = one.Key, one.Proposal },
            ct);
    }

    public async Task Erase(Tx tx, DataSubject person)
    {
        await tx.Execute("DELETE FROM home_facts WHERE user_id = @userId", new { userId = person.UserId });
        await tx.Execute("DELETE FROM home_segment_members WHERE user_id = @userId", new { userId = person.UserId });
        await tx.Execute("UPDATE home_segments SET proposer_id = '' WHERE proposer_id = @userId", new { userId = person.UserId });
    }
}

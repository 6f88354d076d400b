using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;

namespace Kontor.Home.Insight;

/// <summary>All that is stored of a person: how many events came from them today and yesterday.</summary>
internal sealed class InsightPersonalData : IPersonalPart
{
    private sealed record Sent(long Day, long Events);

    public Task Export(DataSubject person, ExportWriter export, CancellationToken ct) => export.List<Sent, object>(
        "events",
        (tx, last) => tx.Query<Sent>($"""
            SELECT day, events FROM home_event_senders
            WHERE user_id = @userId AND network = '' AND day > @after
            ORDER BY day
            LIMIT {ExportWriter.PageRows}
            """, new { userId = person.UserId, after = last?.Day ?? 0 }),
        one => new { day = (one.Day * Clock.Day).ToTime(), one.Events },
        ct);

    public async Task Erase(Tx tx, DataSubject person) =>
        await tx.Execute("DELETE FROM home_event_senders WHERE user_id = @userId", new { userId = person.UserId });
}

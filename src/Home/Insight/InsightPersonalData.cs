using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Time;

namespace Kontor.Home.Insight;

/// <summary>All that is stored of a person: how many events came from them today and yesterday.</summary>
internal static class InsightPersonalData
{
    private sealed record Sent(long Day, long Events);

    public static Task Export(string userId, ExportWriter export, CancellationToken ct) => export.List<Sent, object>(
        "events",
        (tx, last) => tx.Query<Sent>($"""
            SELECT day, events FROM home_event_senders
            WHERE user_id = @userId AND network = '' AND day > @after
            ORDER BY day
            LIMIT {ExportWriter.PageRows}
            """, new { userId, after = last?.Day ?? 0 }),
        one => new { day = (one.Day * Clock.Day).ToTime(), one.Events },
        ct);

    public static async Task Erase(Tx tx, string userId) =>
        await tx.Execute("DELETE FROM home_event_senders WHERE user_id = @userId", new { userId });
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;

namespace Kontor.Home.Ranking;

/// <summary>Which widgets a person saw and clicked lately, kept so that they count once a day.</summary>
internal sealed class ViewersPersonalData : IPersonalPart
{
    private sealed record Viewed(string WidgetId, long FirstDay, long LastDay, long ClickDay);

    public Task Export(DataSubject person, ExportWriter export, CancellationToken ct) => export.List<Viewed, object>(
        "views",
        (tx, last) => tx.Query<Viewed>($"""
            SELECT widget_id, first_day, last_day, click_day FROM home_viewers
            WHERE visitor = @userId AND widget_id > @after
            ORDER BY widget_id
            LIMIT {ExportWriter.PageRows}
            """, new { userId = person.UserId, after = last?.WidgetId ?? "" }),
        one => new
        {
            one.WidgetId,
            firstDay = (one.FirstDay * Clock.Day).ToTime(),
            lastDay = (one.LastDay * Clock.Day).ToTime(),
            clickDay = one.ClickDay == 0 ? null : (DateTimeOffset?)(one.ClickDay * Clock.Day).ToTime(),
        },
        ct);

    public async Task Erase(Tx tx, DataSubject person) =>
        await tx.Execute("DELETE FROM home_viewers WHERE visitor = @userId", new { userId = person.UserId });
}

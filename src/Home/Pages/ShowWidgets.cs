using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home;

/// <summary>An admin looks at all widgets: to whom and when they are shown, and how young is what they show.</summary>
public static class ShowWidgets
{
    /// <param name="AgeSeconds">Of what is shown to all; null where there is nothing of that kind.</param>
    /// <param name="Failure">Why its source's latest answer was of no use.</param>
    public sealed record Row(
        string Key, string Title, string Type, string? Source, IReadOnlyList<string> Roles, WidgetSchedule Schedule, long Priority,
        WidgetState State, bool IsPersonal, long? AgeSeconds, string? Failure);

    internal static void Map(RouteGroupBuilder pages) => pages.MapGet("/admin/widgets", Handle).RequireAuthorization(Policies.Admin);

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Handle(
        Database database, OfferedWidgets offered, TimeProvider time, string? cursor, CancellationToken ct)
    {
        var after = cursor is null ? null : Paging.Decode(cursor, 1)?[0];
        if (cursor is not null && after is null) return Paging.CursorInvalid.ToResult();
        var found = await database.Read(tx => StoredWidgets.Page(tx, null, after, Paging.LimitDefault + 1), ct);
        var page = found.Take(Paging.LimitDefault).ToList();
        return Pages.Render<WidgetsPage>(new
        {
            Rows = page.Select(widget => RowOf(widget, offered.Find(widget.Key), time.NowMs())).ToList(),
            Next = found.Count > page.Count ? Paging.Encode(page[^1].Key) : null,
        });
    }

    private static Row RowOf(Widget widget, OfferedWidget? source, long now) => new(
        widget.Key, widget.Title(Texts.Language), widget.Type.ToString(), widget.Source, widget.Roles,
        new(widget.StartsAt?.ToTime(), widget.EndsAt?.ToTime(), widget.Target.Hours), widget.Priority, widget.State,
        source is { IsPersonal: true },
        source?.Shared?.Shown is { } shown ? (now - shown.AsOf) / Clock.Second : null, source?.Shared?.LastFailure);
}

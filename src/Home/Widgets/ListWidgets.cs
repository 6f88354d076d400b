using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>All widgets by key, archived ones too; `?state=`, `?team=`, `?slot=`, `?type=` and `?waiting=true` ask for some.</summary>
public static class ListWidgets
{
    private static readonly Problem StateUnknown =
        new(400, "widget-state-unknown", "A state is `draft`, `published` or `archived`.");

    private static readonly Problem SlotUnknown = new(400, "widget-slot-unknown", "A slot is `top`, `main` or `bottom`.");

    public sealed record Response(IReadOnlyList<WidgetView> Widgets, string? NextCursor);

    public sealed record Query
    {
        [FromQuery(Name = "state")]
        public string? State { get; init; }

        [FromQuery(Name = "team")]
        public string? Team { get; init; }

        [FromQuery(Name = "slot")]
        public string? Slot { get; init; }

        [FromQuery(Name = "type")]
        public string? Type { get; init; }

        /// <summary>Only those of which something waits for a second admin.</summary>
        [FromQuery(Name = "waiting")]
        public bool? Waiting { get; init; }

        [FromQuery(Name = "limit")]
        public int? Limit { get; init; }

        [FromQuery(Name = "cursor")]
        public string? Cursor { get; init; }
    }

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("/widgets", Handle).WithName("ListWidgets");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        [AsParameters] Query query, Database database, CancellationToken ct)
    {
        var (page, problem) = await Read(query, database, ct);
        return problem is null
            ? TypedResults.Ok(new Response([.. page.Widgets.Select(WidgetView.Of)], page.Next))
            : problem.ToResult();
    }

    /// <summary>For the API and for the page. An empty word is no wish.</summary>
    internal static async Task<Outcome<(List<Widget> Widgets, string? Next)>> Read(Query query, Database database, CancellationToken ct)
    {
        if (query.State is not (null or "" or "draft" or "published" or "archived")) return StateUnknown;
        WidgetSlot? slot = query.Slot switch
        {
            "top" => WidgetSlot.Top,
            "main" => WidgetSlot.Main,
            "bottom" => WidgetSlot.Bottom,
            _ => null,
        };
        if (slot is null && query.Slot is { Length: > 0 }) return SlotUnknown;
        string? after = null;
        if (query.Cursor is not null)
        {
            if (Paging.Decode(query.Cursor, 1) is not [var key]) return Paging.CursorInvalid;
            after = key;
        }

        var filter = new WidgetFilter(Word(query.State), Word(query.Team), slot, Word(query.Type), query.Waiting == true);
        var (widgets, next) = await database.Snapshot(tx => filter.Page(tx, after, Paging.Limit(query.Limit)), ct);
        return (widgets, next is null ? null : Paging.Encode(next));
    }

    private static string? Word(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();
}

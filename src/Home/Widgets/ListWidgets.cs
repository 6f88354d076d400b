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

    /// <param name="Waiting">Only those of which something waits for a second admin.</param>
    public sealed record Query(
        [property: FromQuery(Name = "state")] string? State = null,
        [property: FromQuery(Name = "team")] string? Team = null,
        [property: FromQuery(Name = "slot")] string? Slot = null,
        [property: FromQuery(Name = "type")] string? Type = null,
        [property: FromQuery(Name = "waiting")] bool? Waiting = null,
        [property: FromQuery(Name = "limit")] int? Limit = null,
        [property: FromQuery(Name = "cursor")] string? Cursor = null);

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

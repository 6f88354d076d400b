using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>All widgets by key, archived ones too; `?state=` asks for those in one state.</summary>
public static class ListWidgets
{
    private static readonly Problem StateUnknown =
        new(400, "widget-state-unknown", "A state is `draft`, `published` or `archived`.");

    /// <summary>A widget as an admin sees it.</summary>
    /// <param name="Source">The product that fills it; null when an admin wrote its content.</param>
    /// <param name="Content">Only of one that an admin wrote.</param>
    public sealed record WidgetView(
        string Id,
        string Key,
        string? Source,
        string Type,
        long TypeVersion,
        IReadOnlyDictionary<string, string> Titles,
        JsonElement? Content,
        IReadOnlyList<string> Roles,
        WidgetSchedule Schedule,
        long Priority,
        WidgetState State,
        long Version,
        DateTimeOffset CreatedAt,
        DateTimeOffset UpdatedAt)
    {
        internal static WidgetView Of(Widget widget) => new(
            widget.Id, widget.Key, widget.Source, widget.Type.Key, widget.Type.Version, widget.Titles,
            widget.Content is null ? null : JsonElement.Parse(widget.Content), widget.Roles,
            new(widget.StartsAt?.ToTime(), widget.EndsAt?.ToTime()), widget.Priority, widget.State, widget.Version,
            widget.CreatedAt.ToTime(), widget.UpdatedAt.ToTime());
    }

    public sealed record Response(IReadOnlyList<WidgetView> Widgets, string? NextCursor);

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("/widgets", Handle).WithName("ListWidgets");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Database database, string? state, int? limit, string? cursor, CancellationToken ct)
    {
        if (state is not (null or "draft" or "published" or "archived")) return StateUnknown.ToResult();
        string? after = null;
        if (cursor is not null)
        {
            if (Paging.Decode(cursor, 1) is not [var key]) return Paging.CursorInvalid.ToResult();
            after = key;
        }

        var most = Paging.Limit(limit);
        // One more than asked for tells whether there are more.
        var found = await database.Read(tx => StoredWidgets.Page(tx, state, after, most + 1), ct);
        var page = found.Take(most).ToList();
        return TypedResults.Ok(new Response([.. page.Select(WidgetView.Of)], found.Count > most ? Paging.Encode(page[^1].Key) : null));
    }
}

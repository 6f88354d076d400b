using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Widgets;

/// <summary>All widgets by key, archived ones too; `?state=` asks for those in one state.</summary>
public static class ListWidgets
{
    private static readonly Problem StateUnknown =
        new(400, "widget-state-unknown", "A state is `draft`, `published` or `archived`.");

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

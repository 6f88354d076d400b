using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Widgets;

/// <summary>
/// An admin takes a widget out of every feed. It stays in the list of archived ones, from where its state can be set back.
/// </summary>
public static class ArchiveWidget
{
    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapDelete("/widgets/{id}", Handle).WithName("DeleteWidget");
        admin.MapPost("/widgets/{id}/archive", Handle).WithName("ArchiveWidget");
    }

    /// <summary>For the API and for the page. To take something off needs nobody else's word.</summary>
    internal static Task<Outcome<Widget>> Run(string id, CurrentUser user, WidgetEditor editor, CancellationToken ct) => editor.Change(
        id, user.Id, null, (_, before) => Task.FromResult<Outcome<Widget>>(before with { State = WidgetState.Archived }), ct);

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, CurrentUser user, WidgetEditor editor, CancellationToken ct)
    {
        var (_, problem) = await Run(id, user, editor, ct);
        return problem is null ? TypedResults.NoContent() : problem.ToResult();
    }
}

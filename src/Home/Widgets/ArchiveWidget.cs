using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Feed;
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

    private static async Task<Results<NoContent, ProblemHttpResult>> Handle(
        string id, CurrentUser user, Database database, FeedModels models, TimeProvider time, CancellationToken ct)
    {
        var (_, problem) = await database.Write(
            tx => StoredWidgets.Change(
                tx, id, user.Id, before => Task.FromResult<Outcome<Widget>>(before with { State = WidgetState.Archived, Proposal = null }),
                time), ct);
        if (problem is not null) return problem.ToResult();
        await models.Reload(ct);
        return TypedResults.NoContent();
    }
}

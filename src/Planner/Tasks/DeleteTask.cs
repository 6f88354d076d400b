using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Planner.Phone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Planner.Tasks;

/// <summary>A task goes. Its row stays as a deletion, from which phones hear of it.</summary>
public static class DeleteTask
{
    internal static void Map(RouteGroupBuilder pages) => pages.MapPost("/tasks/{id}/delete", Handle);

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Handle(
        string id, [AsParameters] ShowPlanner.Query query, CurrentUser user, SharedRows rows, TasksTable table,
        CancellationToken ct)
    {
        // A deleted task is found too: pressing twice, or after the phone did, is no mistake.
        var (projectId, problem) = await rows.Write<string>(table, user.Id, id, async (tx, stamp) => await tx.First<string>("""
            UPDATE planner_tasks
            SET is_deleted = true, version = @version
            WHERE user_id = @userId AND id = @id
            RETURNING project_id
            """, new { userId = user.Id, id, version = stamp.Version }) is { } project
            ? project
            : TickTask.Unknown, ct);
        return problem is null ? TypedResults.LocalRedirect(query.At(projectId!)) : problem.ToResult();
    }
}

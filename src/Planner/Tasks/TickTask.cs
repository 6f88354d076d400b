using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Planner.Phone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Planner.Tasks;

/// <summary>A task is done, or after all is not. Saying so twice changes nothing more.</summary>
public static class TickTask
{
    internal static readonly Problem Unknown = new(404, "not-found", "There is no such task.");

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapPost("/tasks/{id}/done", Handle);
        pages.MapPost("/tasks/{id}/open", HandleOpen);
    }

    private static Task<Results<RedirectHttpResult, ProblemHttpResult>> Handle(
        string id, [AsParameters] ShowPlanner.Query query, CurrentUser user, SharedRows rows, TasksTable table, CancellationToken ct) =>
        Tick(id, isCompleted: true, query, user, rows, table, ct);

    private static Task<Results<RedirectHttpResult, ProblemHttpResult>> HandleOpen(
        string id, [AsParameters] ShowPlanner.Query query, CurrentUser user, SharedRows rows, TasksTable table, CancellationToken ct) =>
        Tick(id, isCompleted: false, query, user, rows, table, ct);

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Tick(
        string id, bool isCompleted, ShowPlanner.Query query, CurrentUser user, SharedRows rows, TasksTable table, CancellationToken ct)
    {
        var (projectId, problem) = await rows.Write<string>(table, user.Id, id, async (tx, stamp) => await tx.First<string>("""
            UPDATE planner_tasks
            SET is_completed = @isCompleted,
                updated_at = CASE WHEN is_completed = @isCompleted THEN updated_at ELSE @now END,
                version = @version
            WHERE user_id = @userId AND id = @id AND is_deleted = false
            RETURNING project_id
            """, new { userId = user.Id, id, isCompleted, now = stamp.Now, version = stamp.Version }) is { } project
            ? project
            : Unknown, ct);
        return problem is null ? TypedResults.LocalRedirect(query.At(projectId!)) : problem.ToResult();
    }
}

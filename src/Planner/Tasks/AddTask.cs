using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Planner.Phone;
using Kontor.Planner.Projects;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Planner.Tasks;

/// <summary>A person adds a task to one of their projects; it is open, and stands first.</summary>
public static class AddTask
{
    internal const int TitleMax = 200;

    private static readonly Problem TitleInvalid = new(400, "validation-failed", "A task has 1 to 200 characters, not only spaces.");

    /// <summary>As the form sends it; the field may be missing.</summary>
    public sealed record Request
    {
        public string? Title { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapPost("/projects/{id}/tasks", Handle).Idempotent();

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Handle(
        string id, [FromForm] Request? request, [AsParameters] ShowPlanner.Query query, CurrentUser user, SharedRows rows,
        TasksTable table, Idempotency idempotency, PlannerView view, CancellationToken ct)
    {
        var title = request?.Title ?? "";
        var (_, problem) = string.IsNullOrWhiteSpace(title) || title.Length > TitleMax
            ? TitleInvalid
            : await rows.Write(table, user.Id, (tx, stamp) => idempotency.Once<string>(
                tx, () => Add(tx, user.Id, id, title, stamp)), ct);
        if (problem is not null) return await view.Refuse(user, query, new(problem, id, title), ct);
        return TypedResults.LocalRedirect(query.At(id));
    }

    private static async Task<Outcome<string>> Add(Tx tx, string userId, string projectId, string title, Stamp stamp)
    {
        var id = Ids.New();
        // The draw holds the person's other writers back, so the project stays until the commit.
        var added = await tx.Execute("""
            INSERT INTO planner_tasks (user_id, id, title, project_id, created_at, updated_at, version)
            SELECT user_id, @id, @title, id, @now, @now, @version
            FROM planner_projects
            WHERE user_id = @userId AND id = @projectId AND is_deleted = false
            """, new { userId, id, title, projectId, now = stamp.Now, version = stamp.Version });
        return added == 0 ? ListProjects.Unknown : id;
    }
}

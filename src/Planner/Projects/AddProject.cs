using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Planner.Phone;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Planner.Projects;

/// <summary>A person begins a project; it stands first, and has no tasks yet.</summary>
public static class AddProject
{
    internal const int NameMax = 200;

    private static readonly Problem NameInvalid = new(400, "validation-failed", "A name has 1 to 200 characters, not only spaces.");

    /// <summary>As the form sends it; the field may be missing.</summary>
    public sealed record Request
    {
        public string? Name { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages) => pages.MapPost("/projects", Handle).Idempotent();

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Handle(
        [FromForm] Request? request, CurrentUser user, SharedRows rows, ProjectsTable table, Idempotency idempotency, PlannerView view,
        CancellationToken ct)
    {
        var name = request?.Name ?? "";
        var (id, problem) = string.IsNullOrWhiteSpace(name) || name.Length > NameMax
            ? NameInvalid
            : await rows.Write(table, user.Id, (tx, stamp) => idempotency.Once<string>(tx, async () =>
            {
                var id = Ids.New();
                await tx.Execute("""
                    INSERT INTO planner_projects (user_id, id, name, created_at, updated_at, version)
                    VALUES (@userId, @id, @name, @now, @now, @version)
                    """, new { userId = user.Id, id, name, now = stamp.Now, version = stamp.Version });
                return id;
            }), ct);
        if (problem is not null) return await view.Refuse(user, new(), new(problem, ProjectId: null, name), ct);
        return TypedResults.LocalRedirect(new ShowPlanner.Query().At(id!));
    }
}

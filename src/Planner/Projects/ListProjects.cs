using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Planner.Phone;

namespace Kontor.Planner.Projects;

/// <summary>
/// A person's projects, the newest first, each with its tasks: the open ones, then those that are done. Tasks whose project is unknown
/// or deleted, as phones may leave them, stand together at the end of the first page.
/// </summary>
public static class ListProjects
{
    internal const int ProjectsMax = 20;

    internal static readonly Problem Unknown = new(404, "not-found", "There is no such project.");

    // On the page of all projects, and on the page of one.
    private const long OpenMax = 30;
    private const long DoneMax = 5;
    private const long OpenMaxAlone = 500;
    private const long DoneMaxAlone = 100;

    private const int NameMax = 200;
    private const int TextMax = 1000;

    /// <param name="Id">Empty for the tasks without a project.</param>
    /// <param name="Open">As many as are shown; there are <paramref name="OpenTotal"/>.</param>
    /// <param name="Done">As many as are shown; there are <paramref name="DoneTotal"/>.</param>
    public sealed record Project(
        string Id, string? Name, string? Description,
        IReadOnlyList<PlannedTask> Open, long OpenTotal, IReadOnlyList<PlannedTask> Done, long DoneTotal)
    {
        public long NotShown => OpenTotal + DoneTotal - Open.Count - Done.Count;
    }

    public sealed record PlannedTask(string Id, string Title, string? Description, bool IsCompleted);

    /// <param name="Next">The cursor of the next page; null at the end.</param>
    public sealed record Response(IReadOnlyList<Project> Projects, string? Next);

    private sealed record ProjectRow(string Id, string Name, string? Description, long CreatedAt);

    private sealed record TaskRow(string Id, string ProjectId, string Title, string? Description, bool IsCompleted, long Total);

    internal static async Task<Outcome<Response>> Read(Tx tx, string userId, ShowPlanner.Query query)
    {
        var (createdBefore, idBefore) = (long.MaxValue, "");
        if (query.Cursor is { } cursor && !TryDecode(cursor, out createdBefore, out idBefore)) return Paging.CursorInvalid;
        var found = await tx.Query<ProjectRow>($"""
            SELECT id, substr(name, 1, {NameMax + 1}) AS name, substr(description, 1, {TextMax + 1}) AS description, created_at
            FROM planner_projects
            WHERE user_id = @userId AND is_deleted = false
              AND (created_at, id) < (@createdBefore, @idBefore)
              AND (@all = true OR id = @one)
            ORDER BY created_at DESC, id DESC
            LIMIT {ProjectsMax + 1}
            """, new { userId, createdBefore, idBefore, all = query.Project is null, one = query.Project ?? "" });
        if (query.Project is { Length: > 0 } && found.Count == 0) return Unknown;
        var page = found.Take(ProjectsMax).ToList();
        var tasks = (await Tasks(tx, userId, page, query)).ToLookup(task => task.ProjectId, StringComparer.Ordinal);
        var projects = page.Select(project => View(project, tasks[project.Id])).ToList();
        if (tasks.Contains("")) projects.Add(View(new ProjectRow("", "", null, 0), tasks[""]));
        var next = found.Count > page.Count ? Paging.Encode(page[^1].CreatedAt.ToString(CultureInfo.InvariantCulture), page[^1].Id) : null;
        return new Response(projects, next);
    }

    private static ValueTask<List<TaskRow>> Tasks(Tx tx, string userId, List<ProjectRow> projects, ShowPlanner.Query query) =>
        tx.Query<TaskRow>($"""
            SELECT id, project_id, substr(title, 1, {NameMax + 1}) AS title, substr(description, 1, {TextMax + 1}) AS description,
                is_completed, total
            FROM (
                SELECT t.id, COALESCE(p.id, '') AS project_id, t.title, t.description, t.is_completed,
                    COUNT(*) OVER (PARTITION BY p.id, t.is_completed) AS total,
                    ROW_NUMBER() OVER (
                        PARTITION BY p.id, t.is_completed
                        ORDER BY CASE WHEN t.is_completed THEN t.updated_at ELSE t.created_at END DESC, t.id DESC) AS place
                FROM planner_tasks t
                LEFT JOIN planner_projects p ON p.user_id = t.user_id AND p.id = t.project_id AND p.is_deleted = false
                WHERE t.user_id = @userId AND t.is_deleted = false
                  AND (p.id {tx.Dialect.In("ids")} OR (p.id IS NULL AND @withoutProject = true))
            ) AS placed
            WHERE place <= CASE WHEN is_completed THEN @doneMax ELSE @openMax END
            ORDER BY is_completed, place
            """, new
        {
            userId,
            ids = projects.Select(project => project.Id).ToArray(),
            withoutProject = query.Project is null or "" && query.Cursor is null,
            openMax = query.Project is null ? OpenMax : OpenMaxAlone,
            doneMax = query.Project is null ? DoneMax : DoneMaxAlone,
        });

    private static Project View(ProjectRow project, IEnumerable<TaskRow> tasks)
    {
        var done = tasks.ToLookup(task => task.IsCompleted);
        return new(
            project.Id, PhoneText.Clip(project.Name, NameMax), PhoneText.Clip(project.Description, TextMax),
            [.. done[false].Select(View)], Total(done[false]), [.. done[true].Select(View)], Total(done[true]));
    }

    private static PlannedTask View(TaskRow task) => new(
        task.Id, PhoneText.Clip(task.Title, NameMax) ?? "…", PhoneText.Clip(task.Description, TextMax), task.IsCompleted);

    private static long Total(IEnumerable<TaskRow> tasks) => tasks.FirstOrDefault()?.Total ?? 0;

    private static bool TryDecode(string cursor, out long createdAt, out string id)
    {
        (createdAt, id) = (0, "");
        if (Paging.Decode(cursor, 2) is not [var time, var last]) return false;
        id = last;
        return long.TryParse(time, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out createdAt);
    }
}

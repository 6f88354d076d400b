using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Planner;

/// <summary>A person's projects and tasks. What a phone was told to delete is stored as a deletion, whose texts go with it.</summary>
internal sealed class PlannerPersonalData(Database database) : IPersonalData
{
    /// <summary>Few enough that other writers do not wait for long.</summary>
    private const int RowsAtOnce = 2000;

    private sealed record Project(string Id, string Name, string? Description, bool IsDeleted, long CreatedAt, long UpdatedAt);

    private sealed record PlannedTask(
        string Id, string Title, string? Description, bool IsCompleted, string ProjectId, bool IsDeleted, long CreatedAt, long UpdatedAt);

    public string Name => "planner";

    public string? Stores => "Your projects and tasks.";

    public async Task Export(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        await export.List<Project, object>(
            "projects",
            (tx, last) => tx.Query<Project>($"""
                SELECT id, name, description, is_deleted, created_at, updated_at FROM planner_projects
                WHERE user_id = @userId AND id > @after
                ORDER BY id
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Id ?? "" }),
            one => one,
            ct);
        await export.List<PlannedTask, object>(
            "tasks",
            (tx, last) => tx.Query<PlannedTask>($"""
                SELECT id, title, description, is_completed, project_id, is_deleted, created_at, updated_at FROM planner_tasks
                WHERE user_id = @userId AND id > @after
                ORDER BY id
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, after = last?.Id ?? "" }),
            one => one,
            ct);
    }

    public async Task Erase(DataSubject person, CancellationToken ct)
    {
        await Erase("planner_tasks", person, ct);
        await Erase("planner_projects", person, ct);
    }

    /// <summary>Phones are not told: they are signed out, and a deletion would keep the person's id.</summary>
    private async Task Erase(string table, DataSubject person, CancellationToken ct)
    {
        int deleted;
        do
        {
            deleted = await database.Write(tx => tx.Execute($"""
                DELETE FROM {table}
                WHERE user_id = @userId AND id IN (
                    SELECT id FROM {table}
                    WHERE user_id = @userId
                    LIMIT {RowsAtOnce})
                """, new { userId = person.UserId }).AsTask(), ct);
        }
        while (deleted == RowsAtOnce);
    }
}

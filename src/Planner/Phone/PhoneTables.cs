using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Planner.Widgets;

namespace Kontor.Planner.Phone;

/// <summary>Projects, as phones keep them.</summary>
internal sealed class ProjectsTable : ISyncTable
{
    public const string Name = "projects";

    public SyncTable Shape { get; } = new(Name, "planner_projects",
    [
        new("name", SyncType.Text),
        new("description", SyncType.Text, Nullable: true),
        new("created_at", SyncType.Number),
        new("updated_at", SyncType.Number),
    ]);

    /// <summary>Open tasks are shown with their project's name.</summary>
    public ValueTask Changed(Tx tx, string userId)
    {
        new WidgetStale("planner", "open-tasks", userId).Tell(tx);
        return ValueTask.CompletedTask;
    }
}

/// <summary>Tasks, as phones keep them; they go with their project.</summary>
internal sealed class TasksTable : ISyncTable
{
    public const string Name = "tasks";

    public SyncTable Shape { get; } = new(Name, "planner_tasks",
    [
        new("title", SyncType.Text),
        new("description", SyncType.Text, Nullable: true),
        new("is_completed", SyncType.Flag),
        new("project_id", SyncType.Text),
        new("created_at", SyncType.Number),
        new("updated_at", SyncType.Number),
    ],
    new SyncParent(ProjectsTable.Name, "project_id"));

    public ValueTask Changed(Tx tx, string userId)
    {
        new WidgetStale("planner", "open-tasks", userId).Tell(tx);
        new AttributesStale(PlannerAttributes.SourceName, userId).Tell(tx);
        return ValueTask.CompletedTask;
    }
}

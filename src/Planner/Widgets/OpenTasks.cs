using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Planner.Phone;

namespace Kontor.Planner.Widgets;

/// <summary>What the person still has to do, the newest first, on their front page.</summary>
internal sealed class OpenTasks(Database database) : IWidgetSource
{
    private const string Key = "open-tasks";
    private const int TasksMax = 6;
    private const int RefreshSeconds = 600;

    // The type's limits.
    private const int TitleMax = 200;
    private const int TextMax = 400;
    private const int MetaMax = 100;

    /// <param name="ProjectId">Null when it is unknown or deleted, as its name.</param>
    private sealed record OpenTask(string Title, string? Description, string? ProjectId, string? Project);

    public string Name => "planner";

    public IReadOnlyList<WidgetOffer> Widgets { get; } =
    [
        new(Key, "card-list", new Dictionary<string, string> { ["en"] = "Still to do", ["de"] = "Noch zu tun" }, 700, Personal: true,
            RefreshSeconds),
    ];

    public async Task<JsonObject?> Content(string key, string? userId, CancellationToken ct)
    {
        if (key != Key) throw new ArgumentOutOfRangeException(nameof(key), key, "The planner does not offer this.");
        var tasks = await database.Read(tx => tx.Query<OpenTask>($"""
            SELECT t.title, t.description, p.id AS project_id, p.name AS project
            FROM planner_tasks t
            LEFT JOIN planner_projects p ON p.user_id = t.user_id AND p.id = t.project_id AND p.is_deleted = false
            WHERE t.user_id = @userId AND t.is_deleted = false AND t.is_completed = false
            ORDER BY t.created_at DESC, t.id DESC
            LIMIT {TasksMax}
            """, new { userId }).AsTask(), ct);
        return tasks.Count == 0 ? null : new() { ["items"] = new JsonArray([.. tasks.Select(View)]) };
    }

    private static JsonNode View(OpenTask task)
    {
        var view = new JsonObject
        {
            ["title"] = PhoneText.Clip(task.Title, TitleMax) ?? "…",
            ["href"] = new ShowPlanner.Query { Project = task.ProjectId ?? "" }.Url,
        };
        if (PhoneText.Clip(task.Description, TextMax) is { } text) view["text"] = text;
        if (PhoneText.Clip(task.Project, MetaMax) is { } meta) view["meta"] = meta;
        return view;
    }
}

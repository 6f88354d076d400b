using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Planner.Widgets;

/// <summary>What the planner knows of a person, so that the front page's rules can ask about it.</summary>
internal sealed class PlannerAttributes(Database database) : IPersonAttributes
{
    public const string SourceName = "planner";

    private const string Open = "openTasks";
    private const int TasksMax = 100;

    public string Source => SourceName;

    public IReadOnlyList<PersonAttribute> Attributes { get; } =
    [
        new(Open, AttributeType.Number, AttributePrivacy.Personal,
            $"How many tasks they still have to do; {TasksMax} when there are more."),
    ];

    public async Task<IReadOnlyDictionary<string, JsonElement>> Of(string userId, CancellationToken ct)
    {
        var open = await database.Read(tx => tx.First<long>($"""
            SELECT COUNT(*) FROM (
                SELECT 1 FROM planner_tasks
                WHERE user_id = @userId AND is_deleted = false AND is_completed = false
                LIMIT {TasksMax}) AS tasks
            """, new { userId }).AsTask(), ct);
        return new Dictionary<string, JsonElement> { [Open] = JsonSerializer.SerializeToElement(open) };
    }
}

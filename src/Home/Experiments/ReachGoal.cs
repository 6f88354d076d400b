using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;

namespace Kontor.Home.Experiments;

/// <summary>
/// Counts an event that a product tells as the goal of experiments: for the person whom it names, the first time after they saw one. Which
/// events those are is configuration, so Home knows no product.
/// </summary>
internal sealed class ReachGoal(GoalEvent goal, Database database) : IEventHandler
{
    public string Name => $"home.goal-{goal.Event}";

    public string Event => goal.Event;

    public async Task Handle(StoredEvent stored, CancellationToken ct)
    {
        if (PersonOf(stored) is not { } person) return;
        await database.Write(
            async tx =>
            {
                // What ran then, not what runs now or what this node knows of it: an event may be delivered late.
                var seen = await StoredAssignments.SeenBy(tx, person, stored.CreatedAt);
                string[] experiments =
                    [.. seen.Where(one => Design.Read(one.Design).Goal == goal.Event).Select(one => one.Key).Distinct()];
                if (experiments.Length > 0) await StoredAssignments.Reach(tx, person, experiments, stored.CreatedAt);
            }, ct);
    }

    /// <summary>Null for what nobody with an account did.</summary>
    private string? PersonOf(StoredEvent stored)
    {
        var payload = JsonElement.Parse(stored.Payload);
        return payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(goal.UserField, out var person)
            && person.ValueKind == JsonValueKind.String ? person.GetString() : null;
    }
}

using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Home.Feed;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>
/// Counts an event that a product tells as the goal of experiments: for the person whom it names, the first time after they saw one. Which
/// events those are is configuration, so Home knows no product.
/// </summary>
internal sealed class ReachGoal(GoalEvent goal, Database database, FeedModels models) : IEventHandler
{
    public string Name => $"home.goal-{goal.Event}";

    public string Event => goal.Event;

    public async Task Handle(StoredEvent stored, CancellationToken ct)
    {
        string[] experiments =
        [
            .. models.Current.Experiments.All
                .Where(one => one.State == ExperimentState.Running && one.Design.Goal == goal.Event).Select(one => one.Key),
        ];
        if (experiments.Length == 0 || PersonOf(stored) is not { } person) return;
        await database.Write(tx => StoredAssignments.Reach(tx, person, experiments, stored.CreatedAt).AsTask(), ct);
    }

    /// <summary>Null for what nobody with an account did.</summary>
    private string? PersonOf(StoredEvent stored)
    {
        var payload = JsonElement.Parse(stored.Payload);
        return payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty(goal.UserField, out var person)
            && person.ValueKind == JsonValueKind.String ? person.GetString() : null;
    }
}

using System.Text.Json;
using Kontor.Foundation.Time;
using Kontor.Home.Widgets;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>One row of `home_experiments`.</summary>
/// <param name="Decision">The variation that all are shown since it was stopped; null for the control.</param>
/// <param name="Version">Grows by one with each change.</param>
internal sealed record StoredExperiment(
    string Key, Design Design, ExperimentState State, string? Decision, long? StartedAt, long? StoppedAt, long? ArchivedAt, long Version,
    long CreatedAt, long UpdatedAt)
{
    /// <summary>What shall be once somebody else agrees; null when nothing waits.</summary>
    public Proposal? Proposal { get; init; }

    /// <summary>As a revision or a proposal keeps it.</summary>
    public string Json => JsonSerializer.Serialize(ExperimentView.Of(this with { Proposal = null }), Targeting.Json);

    /// <summary>The experiment with what was kept of it: its design, its state and what was decided.</summary>
    public StoredExperiment Wished(string json)
    {
        var kept = JsonSerializer.Deserialize<ExperimentView>(json, Targeting.Json)!;
        return this with { Design = Design.Read(json), State = kept.State, Decision = kept.Decision };
    }
}

/// <summary>An experiment as an admin sees it.</summary>
/// <param name="Decision">The variation that all are shown since it was stopped; null for the control.</param>
/// <param name="Proposal">What waits for a second admin.</param>
public sealed record ExperimentView(
    string Key,
    string Name,
    string Hypothesis,
    string Team,
    ExperimentState State,
    string? Decision,
    IReadOnlyList<ExperimentVariation> Variations,
    IReadOnlyList<double>? Weights,
    double Coverage,
    IReadOnlyList<IReadOnlyList<double>>? Ranges,
    ExperimentNamespace? Namespace,
    string? Seed,
    long HashVersion,
    string HashAttribute,
    string? FallbackAttribute,
    bool Sticky,
    long BucketVersion,
    long BucketVersionMin,
    JsonElement? Condition,
    IReadOnlyList<ExperimentPrerequisite> Prerequisites,
    IReadOnlyList<ExperimentHoldout> Holdouts,
    ExperimentSchedule Schedule,
    string Goal,
    DateTimeOffset? StartedAt,
    DateTimeOffset? StoppedAt,
    long Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    ExperimentProposal? Proposal)
{
    internal static ExperimentView Of(StoredExperiment one)
    {
        var design = one.Design;
        return new(
            one.Key, design.Name, design.Hypothesis, design.Team, one.State, one.Decision, design.Variations, design.Weights,
            design.Coverage, design.Ranges, design.Namespace, design.Seed, design.HashVersion, design.HashAttribute,
            design.FallbackAttribute, design.Sticky, design.BucketVersion, design.BucketVersionMin, design.Condition, design.Prerequisites,
            design.Holdouts, design.Schedule, design.Goal, one.StartedAt?.ToTime(), one.StoppedAt?.ToTime(), one.Version,
            one.CreatedAt.ToTime(), one.UpdatedAt.ToTime(),
            one.Proposal is { } wish ? new(wish.UserId, JsonElement.Parse(wish.Json), wish.Mark) : null);
    }
}

/// <param name="UserId">The admin who wants it; somebody else has to agree.</param>
/// <param name="Experiment">The experiment as it shall be.</param>
/// <param name="Mark">Names what is wished, for whoever agrees to it.</param>
public sealed record ExperimentProposal(string UserId, JsonElement Experiment, string Mark);

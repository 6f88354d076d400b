using System.Text.Json;
using Kontor.Home.Widgets;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>What is tried, on whom, and how it is drawn; stored as one JSON object, in which an absent member is the default.</summary>
internal sealed record Design
{
    public string Name { get; init; } = "";

    public string Hypothesis { get; init; } = "";

    public string Team { get; init; } = "home";

    public IReadOnlyList<ExperimentVariation> Variations { get; init; } =
        [new("control", "As it is"), new("treatment", "As it might be")];

    /// <summary>Null for equal ones.</summary>
    public IReadOnlyList<double>? Weights { get; init; }

    public double Coverage { get; init; } = 1;

    public IReadOnlyList<IReadOnlyList<double>>? Ranges { get; init; }

    public ExperimentNamespace? Namespace { get; init; }

    public string? Seed { get; init; }

    public long HashVersion { get; init; } = 2;

    public string HashAttribute { get; init; } = Subject.Person;

    public string? FallbackAttribute { get; init; } = Subject.Device;

    public bool Sticky { get; init; } = true;

    public long BucketVersion { get; init; }

    public long BucketVersionMin { get; init; }

    public JsonElement? Condition { get; init; }

    public IReadOnlyList<ExperimentPrerequisite> Prerequisites { get; init; } = [];

    public IReadOnlyList<ExperimentHoldout> Holdouts { get; init; } = [];

    public ExperimentSchedule Schedule { get; init; } = new();

    public string Goal { get; init; } = ClickGoal;

    public string ToJson() => JsonSerializer.Serialize(this, Targeting.Json);

    public static Design Read(string json) => JsonSerializer.Deserialize<Design>(json, Targeting.Json)!;

    public int IndexOf(string? variation)
    {
        for (var i = 0; i < Variations.Count; i++)
        {
            if (Variations[i].Key == variation) return i;
        }

        return -1;
    }

    /// <summary>The design as a request wants it; what it does not name stays.</summary>
    public Design With(ExperimentRequest asked) => this with
    {
        Name = asked.Name?.Trim() ?? Name,
        Hypothesis = asked.Hypothesis?.Trim() ?? Hypothesis,
        Team = asked.Team ?? Team,
        Variations = asked.Variations ?? Variations,
        Weights = asked.Weights is null ? Weights : asked.Weights.Count == 0 ? null : asked.Weights,
        Coverage = asked.Coverage ?? Coverage,
        Ranges = asked.Ranges is null ? Ranges : asked.Ranges.Count == 0 ? null : asked.Ranges,
        Namespace = asked.Namespace is null ? Namespace : string.IsNullOrEmpty(asked.Namespace.Name) ? null : asked.Namespace,
        Seed = asked.Seed is null ? Seed : asked.Seed.Length == 0 ? null : asked.Seed,
        HashVersion = asked.HashVersion ?? HashVersion,
        HashAttribute = asked.HashAttribute ?? HashAttribute,
        FallbackAttribute = FallbackOf(asked),
        Sticky = asked.Sticky ?? Sticky,
        BucketVersion = asked.BucketVersion ?? BucketVersion,
        BucketVersionMin = asked.BucketVersionMin ?? BucketVersionMin,
        Condition = asked.Condition is null ? Condition : Targeting.NullWhenEmpty(asked.Condition),
        Prerequisites = asked.Prerequisites ?? Prerequisites,
        Holdouts = asked.Holdouts ?? Holdouts,
        Schedule = asked.Schedule ?? Schedule,
        Goal = asked.Goal ?? Goal,
    };

    /// <summary>A device has nothing to fall back to.</summary>
    private string? FallbackOf(ExperimentRequest asked) => (asked.FallbackAttribute, asked.HashAttribute) switch
    {
        ({ Length: > 0 } named, _) => named,
        ("", _) or (null, Subject.Device) => null,
        _ => FallbackAttribute,
    };
}

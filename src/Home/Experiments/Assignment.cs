using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kontor.Home.Experiments;

/// <summary>What an experiment gives a person. Who takes no part sees the control, variation 0.</summary>
/// <param name="Reason">Why not, or by what: a stable word for explanations.</param>
internal sealed record Assignment(int Variation, bool InExperiment, string Reason)
{
    /// <summary>Drawn by the hash, so it counts for the results; false when a hand decided.</summary>
    public bool HashUsed { get; init; }

    /// <summary>Comes from an earlier draw.</summary>
    public bool WasSticky { get; init; }

    public double? Bucket { get; init; }

    public string? Attribute { get; init; }

    public string? Unit { get; init; }

    public static Assignment Draw(Experiment experiment, Subject subject)
    {
        if (experiment.Variations.Count < 2) return Out("single-variation");
        if (subject.Forced.TryGetValue(experiment.Key, out var forced)) return ByHand(experiment, forced, "forced-for-person");
        if (!experiment.Active) return Out("inactive");
        var sticky = experiment.Sticky && subject.Remembered is not null;
        var (attribute, unit) = UnitOf(experiment, subject, sticky);
        if (unit is null) return Out("no-unit");
        var (remembered, blocked) = sticky ? Recall(experiment, subject) : (-1, false);
        if (remembered < 0 && WhyNot(experiment, subject, unit) is { } reason) return Out(reason);
        if (Bucketing.Hash(experiment.Seed ?? experiment.Key, unit, experiment.HashVersion) is not { } bucket) return Out("unknown-hash");
        if (blocked) return Out("bucket-version-blocked") with { WasSticky = true };
        var drawn = remembered >= 0 ? remembered : Bucketing.Choose(bucket, RangesOf(experiment));
        if (drawn < 0) return Out("not-covered") with { Bucket = bucket, Attribute = attribute, Unit = unit };
        if (experiment.Forced is { } decided) return ByHand(experiment, decided, "forced");
        if (subject.OnlyForced) return Out("only-forced");
        return new(drawn, true, remembered >= 0 ? "sticky" : "drawn")
        {
            HashUsed = true,
            WasSticky = remembered >= 0,
            Bucket = bucket,
            Attribute = attribute,
            Unit = unit,
        };
    }

    public static Assignment Out(string reason) => new(0, false, reason);

    public static Assignment ByHand(Experiment experiment, int variation, string reason) =>
        variation >= 0 && variation < experiment.Variations.Count ? new(variation, true, reason) : Out("no-such-variation");

    private static IReadOnlyList<Span> RangesOf(Experiment experiment) =>
        experiment.Ranges ?? Bucketing.Ranges(experiment.Variations.Count, experiment.Coverage, experiment.Weights);

    private static (string Attribute, string? Unit) UnitOf(Experiment experiment, Subject subject, bool sticky)
    {
        if (subject.Unit(experiment.HashAttribute) is { } unit) return (experiment.HashAttribute, unit);
        return sticky && experiment.FallbackAttribute is { } fallback
            ? (fallback, subject.Unit(fallback))
            : (experiment.HashAttribute, null);
    }

    private static string? WhyNot(Experiment experiment, Subject subject, string unit)
    {
        if (experiment.Filters.Count > 0)
        {
            if (!experiment.Filters.All(filter => Passes(filter, subject, unit))) return "filtered";
        }
        else if (experiment.Namespace is { } space && !Bucketing.IsIn(space, unit))
        {
            return "outside-namespace";
        }

        if (!subject.Meets(experiment)) return "condition";
        return experiment.Prerequisites.All(parent => IsMet(parent, subject)) ? null : "prerequisite";
    }

    private static bool Passes(Filter filter, Subject subject, string drawn) =>
        (filter.Attribute is { } attribute ? subject.Unit(attribute) : drawn) is { } unit
        && Bucketing.Hash(filter.Seed, unit, filter.HashVersion) is { } hash
        && filter.Ranges.Any(range => range.Holds(hash));

    private static bool IsMet(Prerequisite parent, Subject subject)
    {
        if (subject.ValueOf(parent.Key) is not { } value) return false;
        return parent.Condition.Matches(JsonSerializer.SerializeToElement(new JsonObject { ["value"] = JsonValue.Create(value) }));
    }

    /// <summary>What was drawn before: for the person first, else for the device that they had before they signed in.</summary>
    private static (int Variation, bool Blocked) Recall(Experiment experiment, Subject subject)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var attribute in new[] { experiment.FallbackAttribute, experiment.HashAttribute })
        {
            if (attribute is null || subject.Unit(attribute) is not { } unit) continue;
            if (subject.Remembered!(attribute, unit) is not { } drawn) continue;
            foreach (var (key, variation) in drawn) known[key] = variation;
        }

        for (var version = 0L; version < experiment.BucketVersionMin; version++)
        {
            if (known.ContainsKey(experiment.StickyKey(version))) return (-1, true);
        }

        if (!known.TryGetValue(experiment.StickyKey(experiment.BucketVersion), out var name)) return (-1, false);
        for (var i = 0; i < experiment.Variations.Count; i++)
        {
            if (experiment.Variations[i] == name) return (i, false);
        }

        return (-1, false);
    }
}

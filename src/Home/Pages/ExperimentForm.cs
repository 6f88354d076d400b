using System.Globalization;
using System.Text.Json;
using Kontor.Home.Experiments;
using Kontor.Home.Rules;
using Microsoft.AspNetCore.Http;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home;

/// <summary>An experiment as its form sends it; whatever was typed is shown again when it is refused.</summary>
public sealed record ExperimentForm
{
    private const int LinesMin = 3;

    private const string NumberInvalid = "A number such as 12.5.";
    private const string MomentInvalid = "A moment such as 2026-11-20 14:30.";
    private const string JsonInvalid = "This is no JSON object.";
    private const string LinesInvalid = "One in each line, a name before the colon.";

    /// <param name="Weight">In per cent; empty in all of them for equal ones.</param>
    public sealed record Variation(string Key, string Name, string Weight);

    public string Key { get; init; } = "";

    public string Name { get; init; } = "";

    public string Hypothesis { get; init; } = "";

    public string Team { get; init; } = "home";

    public IReadOnlyList<Variation> Variations { get; init; } = [];

    /// <summary>In per cent.</summary>
    public string Coverage { get; init; } = "100";

    /// <summary>`people` with their devices, `accounts` only, or `devices`.</summary>
    public string Units { get; init; } = "people";

    public required RuleForms.Form Condition { get; init; }

    public string NamespaceName { get; init; } = "";

    /// <summary>In per cent, as <see cref="NamespaceTo"/>.</summary>
    public string NamespaceFrom { get; init; } = "";

    public string NamespaceTo { get; init; } = "";

    /// <summary>A line for each: `name: 5` in per cent.</summary>
    public string Holdouts { get; init; } = "";

    /// <summary>A line for each: `experiment: variation, variation`.</summary>
    public string Prerequisites { get; init; } = "";

    /// <summary>Of UTC, as a browser sends a moment.</summary>
    public string StartsAt { get; init; } = "";

    public string EndsAt { get; init; } = "";

    public string Goal { get; init; } = ClickGoal;

    public string Seed { get; init; } = "";

    public string HashVersion { get; init; } = "2";

    public string BucketVersion { get; init; } = "0";

    public string BucketVersionMin { get; init; } = "0";

    public bool Sticky { get; init; } = true;

    /// <summary>The version that the form shows; empty in a new one.</summary>
    public string Version { get; init; } = "";

    /// <summary>Some lines are left for further variations.</summary>
    public IReadOnlyList<Variation> Lines =>
        [.. Variations, .. Enumerable.Repeat(new Variation("", "", ""), Math.Max(1, LinesMin - Variations.Count))];

    internal static ExperimentForm Blank(RuleForms.Form condition) => new()
    {
        Variations = [new("control", "", ""), new("treatment", "", "")],
        Condition = condition,
    };

    internal static ExperimentForm Of(StoredExperiment one, RuleForms.Form condition)
    {
        var design = one.Design;
        return new()
        {
            Key = one.Key,
            Name = design.Name,
            Hypothesis = design.Hypothesis,
            Team = design.Team,
            Variations = [.. design.Variations.Select(
                (variation, i) => new Variation(variation.Key, variation.Name, design.Weights is { } weights ? Percent(weights[i]) : ""))],
            Coverage = Percent(design.Coverage),
            Units = design.HashAttribute == Subject.Device ? "devices" : design.FallbackAttribute is null ? "accounts" : "people",
            Condition = condition,
            NamespaceName = design.Namespace?.Name ?? "",
            NamespaceFrom = design.Namespace is { } space ? Percent(space.From) : "",
            NamespaceTo = design.Namespace is { } same ? Percent(same.To) : "",
            Holdouts = string.Join('\n', design.Holdouts.Select(holdout => $"{holdout.Name}: {Percent(holdout.Share)}")),
            Prerequisites = string.Join(
                '\n', design.Prerequisites.Select(parent => $"{parent.Experiment}: {string.Join(", ", parent.Variations)}")),
            StartsAt = Moment(design.Schedule.StartsAt),
            EndsAt = Moment(design.Schedule.EndsAt),
            Goal = design.Goal,
            Seed = design.Seed ?? "",
            HashVersion = Whole(design.HashVersion),
            BucketVersion = Whole(design.BucketVersion),
            BucketVersionMin = Whole(design.BucketVersionMin),
            Sticky = design.Sticky,
            Version = Whole(one.Version),
        };
    }

    internal static ExperimentForm Of(IFormCollection form, RuleForms.Form condition)
    {
        var (keys, names, weights) = (form["variationKey"], form["variationName"], form["variationWeight"]);
        return new()
        {
            Key = Said("key"),
            Name = Said("name"),
            Hypothesis = Said("hypothesis"),
            Team = Said("team"),
            Variations = [.. Enumerable.Range(0, Math.Min(keys.Count, 2 * ExperimentRules.VariationsMax))
                .Select(i => new Variation(At(keys, i), At(names, i), At(weights, i)))
                .Where(one => one.Key.Length + one.Name.Length + one.Weight.Length > 0)],
            Coverage = Said("coverage"),
            Units = Said("units"),
            Condition = condition,
            NamespaceName = Said("namespaceName"),
            NamespaceFrom = Said("namespaceFrom"),
            NamespaceTo = Said("namespaceTo"),
            Holdouts = Said("holdouts"),
            Prerequisites = Said("prerequisites"),
            StartsAt = Said("startsAt"),
            EndsAt = Said("endsAt"),
            Goal = Said("goal"),
            Seed = Said("seed"),
            HashVersion = Said("hashVersion"),
            BucketVersion = Said("bucketVersion"),
            BucketVersionMin = Said("bucketVersionMin"),
            Sticky = Said("sticky") == "true",
            Version = Said("version"),
        };

        string Said(string field) => form[field].ToString().Trim();

        static string At(Microsoft.Extensions.Primitives.StringValues values, int i) => i < values.Count ? (values[i] ?? "").Trim() : "";
    }

    /// <summary>What it asks of the API, whose rules hold; here only what cannot be read is an error, by its field.</summary>
    internal ExperimentRequest Read(Dictionary<string, string[]> errors)
    {
        var text = new Reading(errors);
        return new()
        {
            Name = Name,
            Hypothesis = Hypothesis,
            Team = Team,
            Variations = [.. Variations.Select(one => new ExperimentVariation(one.Key, one.Name))],
            Weights = [.. Variations.Where(one => one.Weight.Length > 0).Select(one => text.Share("weights", one.Weight))],
            Coverage = text.Share("coverage", Coverage),
            Namespace = NamespaceName.Length == 0
                ? new()
                : new(NamespaceName, text.Share("namespace", NamespaceFrom), text.Share("namespace", NamespaceTo)),
            Seed = Seed,
            HashVersion = text.Number("hashVersion", HashVersion),
            HashAttribute = Units == "devices" ? Subject.Device : Subject.Person,
            FallbackAttribute = Units == "people" ? Subject.Device : "",
            Sticky = Sticky,
            BucketVersion = text.Number("bucketVersion", BucketVersion),
            BucketVersionMin = text.Number("bucketVersionMin", BucketVersionMin),
            Condition = text.Rule("condition", Condition),
            Prerequisites = [.. text.Lines("prerequisites", Prerequisites).Select(line =>
                new ExperimentPrerequisite(line.Name, line.Value.Split(',', StringSplitOptions.TrimEntries)))],
            Holdouts = [.. text.Lines("holdouts", Holdouts)
                .Select(line => new ExperimentHoldout(line.Name, text.Share("holdouts", line.Value)))],
            Schedule = new(text.At("schedule", StartsAt), text.At("schedule", EndsAt)),
            Goal = Goal,
        };
    }

    /// <summary>Reads what was typed, and keeps what cannot be read.</summary>
    private sealed class Reading(Dictionary<string, string[]> errors)
    {
        public double Share(string field, string text)
        {
            if (double.TryParse(text.Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent))
                return Math.Round(percent / 100, 9);
            errors[field] = [NumberInvalid];
            return 0;
        }

        public long Number(string field, string text)
        {
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return number;
            errors[field] = [NumberInvalid];
            return 0;
        }

        public DateTimeOffset? At(string field, string text)
        {
            if (text.Length == 0) return null;
            if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)) return at;
            errors[field] = [MomentInvalid];
            return null;
        }

        public JsonElement? Rule(string field, RuleForms.Form form)
        {
            if (form.Rule is null) errors[field] = [JsonInvalid];
            return form.Rule;
        }

        public IEnumerable<(string Name, string Value)> Lines(string field, string text)
        {
            foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.Split(':', 2, StringSplitOptions.TrimEntries) is [{ Length: > 0 } name, { Length: > 0 } value])
                    yield return (name, value);
                else errors[field] = [LinesInvalid];
            }
        }
    }

    private static string Percent(double share) => (share * 100).ToString("0.####", CultureInfo.InvariantCulture);

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Moment(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture) ?? "";
}

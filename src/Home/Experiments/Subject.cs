using System.Collections.Immutable;
using System.Text.Json;
using Kontor.Home.Rules;

namespace Kontor.Home.Experiments;

/// <summary>Whom a variation is drawn for, and all that may decide it.</summary>
internal sealed record Subject(JsonElement Attributes)
{
    /// <summary>The account's id, as rules call it too.</summary>
    public const string Person = "id";

    /// <summary>Tells visitors without an account apart.</summary>
    public const string Device = "deviceId";

    /// <summary>Variations chosen by hand, by experiment; for looking at them.</summary>
    public IReadOnlyDictionary<string, int> Forced { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>What was drawn before, by the name and value of an attribute; null when nothing is remembered.</summary>
    public Func<string, string, IReadOnlyDictionary<string, string>?>? Remembered { get; init; }

    /// <summary>The value that another experiment gave; a missing one fails the prerequisite.</summary>
    public Func<string, JsonElement?> ValueOf { get; init; } = _ => null;

    /// <summary>Only forced variations count, so that tests see what they ask for.</summary>
    public bool OnlyForced { get; init; }

    /// <summary>The units, where they are known without looking into <see cref="Attributes"/>.</summary>
    public Func<string, string?>? Units { get; init; }

    /// <summary>Whether an experiment's condition holds, where that is known without evaluating it.</summary>
    public Func<Experiment, bool>? Answers { get; init; }

    public bool Meets(Experiment experiment) => Answers?.Invoke(experiment) ?? experiment.Condition?.Matches(Attributes) ?? true;

    /// <summary>Null when there is no such attribute, or it is empty.</summary>
    public string? Unit(string attribute)
    {
        if (Units is not null) return Units(attribute) is { Length: > 0 } known ? known : null;
        if (Attributes.ValueKind != JsonValueKind.Object || !Attributes.TryGetProperty(attribute, out var value)) return null;
        return Values.IsTrue(value) && Values.Text(value) is { Length: > 0 } unit ? unit : null;
    }
}

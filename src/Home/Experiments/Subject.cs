using System.Collections.Immutable;
using System.Text.Json;
using Kontor.Home.Rules;

namespace Kontor.Home.Experiments;

/// <summary>Whom a variation is drawn for, and all that may decide it.</summary>
internal sealed record Subject(JsonElement Attributes)
{
    /// <summary>Variations chosen by hand, by experiment; for looking at them.</summary>
    public IReadOnlyDictionary<string, int> Forced { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>What was drawn before, by the name and value of an attribute; null when nothing is remembered.</summary>
    public Func<string, string, IReadOnlyDictionary<string, string>?>? Remembered { get; init; }

    /// <summary>The value that another experiment gave; a missing one fails the prerequisite.</summary>
    public Func<string, JsonElement?> ValueOf { get; init; } = _ => null;

    /// <summary>Only forced variations count, so that tests see what they ask for.</summary>
    public bool OnlyForced { get; init; }

    /// <summary>Null when there is no such attribute, or it is empty.</summary>
    public string? Unit(string attribute)
    {
        if (Attributes.ValueKind != JsonValueKind.Object || !Attributes.TryGetProperty(attribute, out var value)) return null;
        return Values.IsTrue(value) && Values.Text(value) is { Length: > 0 } unit ? unit : null;
    }
}

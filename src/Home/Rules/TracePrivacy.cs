using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Security;
using Kontor.Foundation.Seams;

namespace Kontor.Home.Rules;

/// <summary>What a trace shows of sensitive attributes, and to whom.</summary>
internal static class TracePrivacy
{
    public static readonly Problem Refused = new(
        403, "attribute-sensitive",
        "A rule about sensitive attributes is tried on a person only by admins who signed in with two factors.");

    /// <summary>The person, and administrators who signed in with two factors.</summary>
    public static bool MaySee(CurrentUser viewer, string? personId) =>
        viewer.Id == personId || (viewer.IsAdmin && viewer.Assurance == Assurance.TwoFactors);

    /// <summary>Null when the viewer may have a rule of their own choice tried on this person: whoever may choose what is compared finds
    /// out every value.</summary>
    public static Problem? Check(Rule rule, CurrentUser viewer, string? personId, Vocabulary vocabulary) =>
        personId is null || MaySee(viewer, personId) || !rule.Attributes.Any(path => IsSensitive(path, vocabulary)) ? null : Refused;

    /// <summary>
    /// Hides what sensitive attributes are, and what was asked of them, also where it is part of a larger condition. Whether a part held
    /// is still there: it decides whether the widget is shown, which the viewer sees anyhow.
    /// </summary>
    public static RuleStep WithoutSensitive(RuleStep step, Vocabulary vocabulary)
    {
        if (IsSensitive(step.Name, vocabulary))
            return step with { Expected = Values.Null, Seen = Values.Null, Steps = [], IsHidden = true };
        return step with
        {
            Expected = Mentions.In(step.Expected).Any(name => IsSensitive(name, vocabulary)) ? Values.Null : step.Expected,
            Seen = step.Seen.ValueKind == JsonValueKind.Object ? Without(step.Seen, vocabulary) : step.Seen,
            Steps = [.. step.Steps.Select(inner => WithoutSensitive(inner, vocabulary))],
        };
    }

    private static bool IsSensitive(string path, Vocabulary vocabulary) =>
        vocabulary.Find(path) is { Privacy: AttributePrivacy.Sensitive };

    /// <param name="attributes">All that a rule was given; of a name that is there twice the last counts, as it does for the rule.</param>
    private static JsonElement Without(JsonElement attributes, Vocabulary vocabulary)
    {
        var rest = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in attributes.EnumerateObject())
        {
            if (IsSensitive(member.Name, vocabulary)) continue;
            rest[member.Name] = member.Value.ValueKind == JsonValueKind.Object ? Without(member, vocabulary) : member.Value;
        }

        return JsonSerializer.SerializeToElement(rest);
    }

    private static JsonElement Without(JsonProperty source, Vocabulary vocabulary)
    {
        var rest = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var inner in source.Value.EnumerateObject())
        {
            if (!IsSensitive($"{source.Name}.{inner.Name}", vocabulary)) rest[inner.Name] = inner.Value;
        }

        return JsonSerializer.SerializeToElement(rest);
    }
}

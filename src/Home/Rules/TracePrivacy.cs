using System.Text.Json;
using Kontor.Foundation.Security;
using Kontor.Foundation.Seams;

namespace Kontor.Home.Rules;

/// <summary>What a trace shows of sensitive attributes, and to whom.</summary>
internal static class TracePrivacy
{
    /// <summary>The person, and administrators who signed in with two factors.</summary>
    public static bool MaySee(CurrentUser viewer, string? personId) =>
        viewer.Id == personId || (viewer.IsAdmin && viewer.Assurance == Assurance.TwoFactors);

    /// <summary>
    /// Hides what sensitive attributes are, and what was asked of them. Whether a part held is still there: it decides whether the
    /// widget is shown, which the viewer sees anyhow.
    /// </summary>
    public static RuleStep WithoutSensitive(RuleStep step, Vocabulary vocabulary)
    {
        if (vocabulary.Find(step.Name) is { Privacy: AttributePrivacy.Sensitive })
            return step with { Seen = Values.Null, Steps = [], IsHidden = true };
        return step with
        {
            Seen = step.Seen.ValueKind == JsonValueKind.Object ? Without(step.Seen, vocabulary) : step.Seen,
            Steps = [.. step.Steps.Select(inner => WithoutSensitive(inner, vocabulary))],
        };
    }

    /// <param name="attributes">All that a rule was given.</param>
    private static JsonElement Without(JsonElement attributes, Vocabulary vocabulary) => JsonSerializer.SerializeToElement(
        attributes.EnumerateObject().ToDictionary(
            member => member.Name,
            member => member.Value.ValueKind != JsonValueKind.Object ? member.Value : JsonSerializer.SerializeToElement(
                member.Value.EnumerateObject()
                    .Where(inner => vocabulary.Find($"{member.Name}.{inner.Name}") is not { Privacy: AttributePrivacy.Sensitive })
                    .ToDictionary(inner => inner.Name, inner => inner.Value))));
}

using System.Text.Json;

namespace Kontor.Home.Rules;

/// <summary>
/// A condition over a person's attributes, compiled once. It is total: evaluating it never throws and always answers, whatever the
/// attributes are. The dialect is the one that GrowthBook's SDKs document (specification 0.8).
/// </summary>
/// <param name="Attributes">The paths that it reads, for instance `country` or `device.os`; nothing else can change its answer.</param>
/// <param name="Faults">What in it never matches: an unknown operator, an expression that does not compile.</param>
internal sealed record Rule(Node Root, IReadOnlySet<string> Attributes, IReadOnlyList<string> Faults)
{
    /// <summary>The segments that it names itself.</summary>
    public IReadOnlySet<string> Segments { get; init; } = new HashSet<string>();

    /// <summary>All that may be asked to evaluate it, with the parts of segments as often as they are named.</summary>
    public int Parts { get; init; }

    public bool Matches(JsonElement attributes) => Root.Holds(attributes, null);

    /// <summary>The answer, and what each part that was asked saw and said.</summary>
    public RuleStep Explain(JsonElement attributes)
    {
        var steps = new List<RuleStep>(1);
        Root.Holds(attributes, steps);
        return steps[0];
    }
}

/// <summary>What one part of a rule saw.</summary>
/// <param name="Name">An attribute's path, or an operator such as `$gt`.</param>
/// <param name="Expected">What the rule says.</param>
/// <param name="Seen">What the attributes say; null when there is no such attribute.</param>
/// <param name="Steps">The parts within, as far as they were asked: an `$or` asks no further once a part matches.</param>
/// <param name="IsHidden">What it saw is not for whoever looks; then neither are the parts within.</param>
public sealed record RuleStep(
    string Name, JsonElement Expected, JsonElement Seen, bool Result, IReadOnlyList<RuleStep> Steps, bool IsHidden = false);

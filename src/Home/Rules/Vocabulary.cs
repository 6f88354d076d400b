using System.Collections.Frozen;
using System.Text.Json;
using Kontor.Foundation;

namespace Kontor.Home.Rules;

public enum AttributeType
{
    Text,
    Number,
    Flag,
    TextList,
}

/// <summary>How much an attribute tells of a person, and so who may see its values.</summary>
public enum AttributePrivacy
{
    /// <summary>What the client says of itself; tells of nobody.</summary>
    Client,

    /// <summary>What the account is, such as its roles.</summary>
    Account,

    /// <summary>Tells one person from another.</summary>
    Personal,
}

/// <summary>Something that rules may ask about.</summary>
/// <param name="Values">The only texts that it can have; null when it can have any.</param>
internal sealed record AttributeInfo(
    string Key, AttributeType Type, AttributePrivacy Privacy, string Description, IReadOnlyList<string>? Values = null);

/// <summary>All that rules may ask about. A rule over anything else is refused, and one that is stored already hides its widget.</summary>
internal sealed class Vocabulary(IEnumerable<AttributeInfo> more, IReadOnlyDictionary<string, JsonElement> groups)
{
    public static readonly Problem Invalid = new(422, "rule-invalid", "The rule cannot be evaluated.");

    /// <summary>Known of every reader, without anybody telling.</summary>
    public static readonly IReadOnlyList<AttributeInfo> BuiltIn =
    [
        new("signedIn", AttributeType.Flag, AttributePrivacy.Account, "Whether somebody is signed in."),
        new("roles", AttributeType.TextList, AttributePrivacy.Account, "The roles of the session."),
        new("assurance", AttributeType.Text, AttributePrivacy.Account, "How they signed in.", ["none", "one-factor", "two-factors"]),
        new("platform", AttributeType.Text, AttributePrivacy.Client, "What the client runs on.", ["web", "ios", "android"]),
        new("appVersion", AttributeType.Text, AttributePrivacy.Client, "The client's version; compare it by `$vgte` and its like."),
        new("language", AttributeType.Text, AttributePrivacy.Client, "The first part of the locale, such as `de`."),
        new("id", AttributeType.Text, AttributePrivacy.Personal, "The account's id; none for strangers."),
    ];

    private readonly FrozenDictionary<string, AttributeInfo> _attributes = BuiltIn.Concat(more)
        .DistinctBy(attribute => attribute.Key).ToFrozenDictionary(attribute => attribute.Key, StringComparer.Ordinal);

    public static Vocabulary Plain { get; } = new([], new Dictionary<string, JsonElement>());

    /// <summary>Lists of values by the name that `$inGroup` uses.</summary>
    public IReadOnlyDictionary<string, JsonElement> Groups => groups;

    public AttributeInfo? Find(string key) => _attributes.GetValueOrDefault(key);

    /// <summary>A rule that can be evaluated, or all that stands against it.</summary>
    public Outcome<Rule> Read(JsonElement condition)
    {
        var (rule, problem) = RuleReader.Read(condition, groups);
        if (problem is not null) return problem;
        List<string> faults = [.. rule!.Faults];
        foreach (var path in rule.Attributes)
        {
            if (Find(path.Split('.')[0]) is null) faults.Add($"there is no attribute {path}");
        }

        Misfits(condition, faults);
        return faults.Count == 0 ? rule : Invalid.With("faults", faults);
    }

    /// <summary>Values that an attribute can never have, and groups that there are not.</summary>
    private void Misfits(JsonElement condition, List<string> faults)
    {
        foreach (var member in condition.EnumerateObject())
        {
            if (member.Name is "$and" or "$or" or "$nor" && member.Value.ValueKind == JsonValueKind.Array)
            {
                foreach (var part in member.Value.EnumerateArray())
                {
                    if (part.ValueKind == JsonValueKind.Object) Misfits(part, faults);
                }
            }
            else if (member is { Name: "$not", Value.ValueKind: JsonValueKind.Object })
            {
                Misfits(member.Value, faults);
            }
            else
            {
                MisfitsOf(member.Name, Find(member.Name)?.Values, member.Value, faults);
            }
        }
    }

    private void MisfitsOf(string attribute, IReadOnlyList<string>? allowed, JsonElement expected, List<string> faults)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.String when allowed?.Contains(expected.GetString()!) == false:
                faults.Add($"{attribute} is never {expected.GetString()}");
                break;
            case JsonValueKind.Array:
                foreach (var value in expected.EnumerateArray()) MisfitsOf(attribute, allowed, value, faults);
                break;
            case JsonValueKind.Object:
                foreach (var part in expected.EnumerateObject())
                {
                    if (part.Name is "$inGroup" or "$notInGroup")
                    {
                        if (part.Value.ValueKind != JsonValueKind.String || !groups.ContainsKey(part.Value.GetString()!))
                            faults.Add($"there is no group {part.Value.GetRawText()}");
                    }
                    else if (part.Name is "$eq" or "$ne" or "$in" or "$nin" or "$not")
                    {
                        MisfitsOf(attribute, allowed, part.Value, faults);
                    }
                }

                break;
        }
    }
}

using System.Collections.Frozen;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Seams;
using Kontor.Home.Attributes;
using Kontor.Home.Segments;

namespace Kontor.Home.Rules;

/// <summary>
/// All that rules may ask about: the registered attributes, and the segments, compiled once. A rule over anything else is refused, and one
/// that is stored already hides its widget.
/// </summary>
internal sealed class Vocabulary
{
    /// <summary>What a segment may cost with all segments that it names, so that no few of them make each other endless.</summary>
    public const int SegmentPartsMax = 256;

    public static readonly Problem Invalid = new(422, "rule-invalid", "The rule cannot be evaluated.");

    private static readonly Dictionary<string, JsonElement> NoGroups = [];

    private readonly FrozenDictionary<string, AttributeInfo> _attributes;
    private readonly FrozenDictionary<string, Segment> _stored;
    private readonly Dictionary<string, CompiledSegment> _segments = new(StringComparer.Ordinal);
    private readonly List<string> _compiling = [];

    /// <param name="told">What products and other systems tell, beside what every request tells by itself.</param>
    public Vocabulary(IEnumerable<AttributeInfo> told, IReadOnlyList<Segment> segments)
    {
        Attributes = [.. AttributeInfo.BuiltIn.Concat(told).DistinctBy(attribute => attribute.Key)];
        _attributes = Attributes.ToFrozenDictionary(attribute => attribute.Key, StringComparer.Ordinal);
        Segments = segments;
        _stored = segments.ToFrozenDictionary(segment => segment.Key, StringComparer.Ordinal);
        foreach (var segment in segments) Compile(segment.Key);
    }

    public static Vocabulary Plain { get; } = new([], []);

    /// <summary>The built-in ones first.</summary>
    public IReadOnlyList<AttributeInfo> Attributes { get; }

    /// <summary>By key.</summary>
    public IReadOnlyList<Segment> Segments { get; }

    public AttributeInfo? Find(string key) => _attributes.GetValueOrDefault(key);

    public CompiledSegment? Segment(string key) => _segments.GetValueOrDefault(key);

    /// <summary>As it would be with this segment, in place of the one of its key.</summary>
    public Vocabulary With(Segment segment) =>
        new(Attributes, [.. Segments.Where(one => one.Key != segment.Key).Append(segment).OrderBy(one => one.Key, StringComparer.Ordinal)]);

    /// <summary>A rule that can be evaluated, or all that stands against it.</summary>
    public Outcome<Rule> Read(JsonElement condition)
    {
        var (rule, problem) = RuleReader.Read(condition, NoGroups, Compile);
        if (problem is not null) return problem;
        List<string> faults = [.. rule!.Faults];
        foreach (var path in rule.Attributes)
        {
            if (Find(path) is null && !path.StartsWith(Facts.ListsMember, StringComparison.Ordinal))
                faults.Add($"there is no attribute {path}");
        }

        Misfits(condition, faults);
        return faults.Count == 0 ? rule : Invalid.With("faults", faults);
    }

    public static IReadOnlyList<string> FaultsOf(Problem problem) =>
        problem.Extensions.GetValueOrDefault("faults") as IReadOnlyList<string> ?? [problem.Detail ?? problem.Title];

    /// <summary>Null when there is none of this key.</summary>
    private CompiledSegment? Compile(string key)
    {
        if (_segments.TryGetValue(key, out var known)) return known;
        if (!_stored.TryGetValue(key, out var segment)) return null;
        if (segment.Rule is not { } condition) return _segments[key] = new(key, null);
        if (_compiling.Contains(key))
            return new(key, null, $"it asks for itself, by {string.Join(" and ", _compiling.Skip(_compiling.IndexOf(key)))}");
        _compiling.Add(key);
        var (rule, problem) = Read(condition);
        _compiling.Remove(key);
        var reason = problem is not null ? string.Join("; ", FaultsOf(problem))
            : rule!.Parts > SegmentPartsMax ? $"with the segments that it names it has more than {SegmentPartsMax} parts" : null;
        return _segments[key] = new(key, reason is null ? rule : null, reason);
    }

    /// <summary>Values that an attribute can never have.</summary>
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
            else if (RuleReader.SegmentAskedById(member.Name, member.Value) is var (_, key))
            {
                if (Compile(key.GetString()!) is null) faults.Add($"there is no segment {key.GetString()}");
            }
            else if (Find(member.Name) is { } attribute)
            {
                MisfitsOf(attribute, member.Value, faults);
            }
        }
    }

    private static void MisfitsOf(AttributeInfo attribute, JsonElement expected, List<string> faults)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Array:
                foreach (var value in expected.EnumerateArray()) MisfitsOf(attribute, value, faults);
                break;
            case JsonValueKind.Object:
                foreach (var part in expected.EnumerateObject())
                {
                    if (part.Name is "$eq" or "$ne" or "$in" or "$nin" or "$all" or "$not" or "$elemMatch")
                        MisfitsOf(attribute, part.Value, faults);
                    else if (part.Name is "$inGroup" or "$notInGroup")
                        faults.Add($"a segment is a group of persons: ask {{\"{part.Name}\": {part.Value.GetRawText()}}} of no attribute");
                }

                break;
            default:
                if (IsNever(attribute, expected)) faults.Add($"{attribute.Key} is never {expected}");
                break;
        }
    }

    private static bool IsNever(AttributeInfo attribute, JsonElement value) => attribute.Type switch
    {
        AttributeType.Flag => value.ValueKind is JsonValueKind.String or JsonValueKind.Number,
        AttributeType.Number => value.ValueKind is JsonValueKind.String or JsonValueKind.True or JsonValueKind.False,
        _ => attribute.Values is { } allowed && value.ValueKind == JsonValueKind.String && !allowed.Contains(value.GetString()!),
    };
}

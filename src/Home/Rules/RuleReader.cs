using System.Text.Json;
using System.Text.RegularExpressions;
using Kontor.Foundation;

namespace Kontor.Home.Rules;

/// <summary>
/// Compiles a condition, within limits that keep every rule cheap: a depth of <see cref="DepthMax"/>, <see cref="NodesMax"/> parts and
/// <see cref="ValuesMax"/> values in its lists. Regular expressions run without backtracking, so their time is linear in the text.
/// </summary>
/// <param name="groups">Saved groups by their name, each a list of values, for `$inGroup`.</param>
/// <param name="segments">Segments by their key; null where there is none.</param>
internal sealed class RuleReader(IReadOnlyDictionary<string, JsonElement> groups, Func<string, CompiledSegment?> segments)
{
    public const int DepthMax = 8;
    public const int NodesMax = 64;
    public const int ValuesMax = 500;
    private const int PatternLengthMax = 200;

    public static readonly Problem NoObject = new(422, "rule-invalid", "A rule is a JSON object.");
    public static readonly Problem TooLarge = new(422, "rule-too-large", "The rule is larger than a rule may be.");

    private static readonly JsonElement NoValues = JsonElement.Parse("[]");

    private readonly HashSet<string> _attributes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _segments = new(StringComparer.Ordinal);
    private readonly List<string> _faults = [];
    private int _nodes;
    private int _borrowed;
    private int _values;
    private Problem? _problem;

    public static Outcome<Rule> Read(
        JsonElement condition, IReadOnlyDictionary<string, JsonElement> groups, Func<string, CompiledSegment?>? segments = null)
    {
        if (condition.ValueKind != JsonValueKind.Object) return NoObject;
        var reader = new RuleReader(groups, segments ?? (_ => null));
        var root = reader.Condition("$and", condition, 0, top: true);
        if (reader._problem is { } problem) return problem;
        return new Rule(root, reader._attributes, reader._faults)
        {
            Segments = reader._segments,
            Parts = reader._nodes + reader._borrowed,
        };
    }

    /// <summary>An object of attributes and logical operators, all of which have to match.</summary>
    private Node Condition(string name, JsonElement condition, int depth, bool top)
    {
        if (condition.ValueKind != JsonValueKind.Object) return Fault(name, condition, $"{name} wants an object");
        return TooDeep(depth) ? Never(name, condition) : new AllOf(name, condition,
            [.. condition.EnumerateObject().Select(member => Member(member.Name, member.Value, depth, top))]);
    }

    private Node Member(string name, JsonElement value, int depth, bool top)
    {
        if (!Count()) return Never(name, value);
        if (name is "$or" or "$and" or "$nor")
        {
            if (value.ValueKind != JsonValueKind.Array) return Fault(name, value, $"{name} wants a list");
            if (TooDeep(depth + 1)) return Never(name, value);
            Node[] parts = [.. value.EnumerateArray().Select(part => Condition("$and", part, depth + 1, top))];
            if (name == "$and") return new AllOf(name, value, parts);
            var any = new AnyOf("$or", value, parts);
            return name == "$or" ? any : new Not(name, value, any);
        }

        if (name == "$not") return new Not(name, value, Condition("$and", value, depth + 1, top));
        if (top && name is "$inGroup" or "$notInGroup") return Segment(name, value);
        if (top && SegmentAskedById(name, value) is var (operation, key) && !groups.ContainsKey(key.GetString()!)
            && segments(key.GetString()!) is not null) return Segment(operation, key);
        if (top) _attributes.Add(name);
        return new Attribute(name, value, Value(value, depth + 1, ignoreCase: false));
    }

    /// <summary>`{"id": {"$inGroup": "vip"}}` asks the same as `{"$inGroup": "vip"}`, unless the caller brought a group of this name;
    /// what is neither a group nor a segment has nobody in it, as the dialect says.</summary>
    public static (string Name, JsonElement Value)? SegmentAskedById(string attribute, JsonElement value)
    {
        if (attribute != "id" || value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() != 1) return null;
        var only = value.EnumerateObject().First();
        return only.Name is "$inGroup" or "$notInGroup" && only.Value.ValueKind == JsonValueKind.String ? (only.Name, only.Value) : null;
    }

    private Node Segment(string name, JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.String) return Fault(name, key, $"{name} wants the key of a segment");
        if (segments(key.GetString()!) is not { } segment) return Fault(name, key, $"there is no segment {key.GetString()}");
        _segments.Add(segment.Key);
        if (segment.Problem is { } reason) return Fault(name, key, $"the segment {segment.Key} cannot be evaluated: {reason}");
        _attributes.UnionWith(segment.Attributes);
        _borrowed += segment.Parts;
        Node member = new InSegment("$inGroup", key, segment);
        return name == "$inGroup" ? member : new Not(name, key, member);
    }

    /// <summary>What a value has to be: operators, or something to be equal to.</summary>
    private Node Value(JsonElement expected, int depth, bool ignoreCase)
    {
        if (TooDeep(depth)) return Never("$eq", expected);
        if (!HasOperators(expected)) return new Leaf("=", expected, seen => Values.Equal(seen, expected, ignoreCase));
        return new AllOf("$and", expected, [.. expected.EnumerateObject().Select(member => Operator(member.Name, member.Value, depth))]);
    }

    private static bool HasOperators(JsonElement value) => value.ValueKind == JsonValueKind.Object
        && value.EnumerateObject().Any() && value.EnumerateObject().All(member => member.Name.StartsWith('$'));

    private Node Operator(string name, JsonElement expected, int depth)
    {
        if (!Count()) return Never(name, expected);
        return name switch
        {
            "$eq" => Leaf(seen => Values.Same(seen, expected)),
            "$ne" => Leaf(seen => !Values.Same(seen, expected)),
            "$lt" => Leaf(seen => Values.Compare(seen, expected) < 0),
            "$lte" => Leaf(seen => Values.Compare(seen, expected) <= 0),
            "$gt" => Leaf(seen => Values.Compare(seen, expected) > 0),
            "$gte" => Leaf(seen => Values.Compare(seen, expected) >= 0),
            "$exists" => Leaf(seen => Values.IsTrue(expected) == (seen.ValueKind != JsonValueKind.Null)),
            "$type" => Leaf(seen => expected.ValueKind == JsonValueKind.String && expected.ValueEquals(Values.TypeOf(seen))),
            "$not" => new Not(name, expected, Value(expected, depth + 1, ignoreCase: false)),
            "$size" => new Size(expected, Value(expected, depth + 1, ignoreCase: false)),
            "$elemMatch" => new Element(name, expected, HasOperators(expected)
                ? Value(expected, depth + 1, ignoreCase: false)
                : Condition("$and", expected, depth + 1, top: false)),
            "$in" or "$ini" or "$nin" or "$nini" or "$all" or "$alli" => List(name, expected, depth),
            "$inGroup" => Leaf(seen => Values.IsAmong(seen, Group(expected), ignoreCase: false)),
            "$notInGroup" => Leaf(seen => !Values.IsAmong(seen, Group(expected), ignoreCase: false)),
            "$regex" or "$regexi" => Expression(name, expected),
            "$veq" or "$vne" or "$vlt" or "$vlte" or "$vgt" or "$vgte" => Version(name, expected),
            _ => Fault(name, expected, $"there is no operator {name}"),
        };

        Leaf Leaf(Func<JsonElement, bool> test) => new(name, expected, test);
    }

    private Node List(string name, JsonElement expected, int depth)
    {
        if (expected.ValueKind != JsonValueKind.Array) return Fault(name, expected, $"{name} wants a list");
        _values += expected.GetArrayLength();
        if (_values > ValuesMax) _problem = TooLarge.Because($"Its lists have more than {ValuesMax} values.");
        if (_problem is not null) return Never(name, expected);
        var ignoreCase = name.EndsWith('i');
        if (name is "$all" or "$alli")
        {
            var parts = expected.EnumerateArray().Select(value => new Element("$elemMatch", value, Value(value, depth + 1, ignoreCase)));
            return new AllOf(name, expected, [new Leaf("$type", expected, seen => seen.ValueKind == JsonValueKind.Array), .. parts]);
        }

        Node among = new Leaf(name, expected, seen => Values.IsAmong(seen, expected, ignoreCase));
        return name.StartsWith("$n", StringComparison.Ordinal) ? new Not(name, expected, among) : among;
    }

    private JsonElement Group(JsonElement name) =>
        name.ValueKind == JsonValueKind.String && groups.TryGetValue(name.GetString()!, out var values)
        && values.ValueKind == JsonValueKind.Array ? values : NoValues;

    private Node Expression(string name, JsonElement expected)
    {
        if (expected.ValueKind != JsonValueKind.String) return Fault(name, expected, $"{name} wants a text");
        var pattern = expected.GetString()!;
        if (pattern.Length > PatternLengthMax) return Fault(name, expected, $"an expression has at most {PatternLengthMax} characters");
        var options = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        if (name == "$regexi") options |= RegexOptions.IgnoreCase;
        try
        {
            var expression = new Regex(pattern, options);
            return new Leaf(name, expected, seen => expression.IsMatch(Values.Text(seen)));
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            return Fault(name, expected, $"the expression {pattern} does not compile: {problem.Message}");
        }
    }

    private static Leaf Version(string name, JsonElement expected)
    {
        var key = Values.VersionKey(expected);
        return new(name, expected, seen => string.CompareOrdinal(Values.VersionKey(seen), key) is var order && name switch
        {
            "$veq" => order == 0,
            "$vne" => order != 0,
            "$vlt" => order < 0,
            "$vlte" => order <= 0,
            "$vgt" => order > 0,
            _ => order >= 0,
        });
    }

    private bool Count()
    {
        if (++_nodes > NodesMax) _problem = TooLarge.Because($"It has more than {NodesMax} parts.");
        return _problem is null;
    }

    private bool TooDeep(int depth)
    {
        if (depth > DepthMax) _problem = TooLarge.Because($"It is deeper than {DepthMax}.");
        return _problem is not null;
    }

    private Leaf Fault(string name, JsonElement expected, string fault)
    {
        _faults.Add(fault);
        return Never(name, expected);
    }

    private static Leaf Never(string name, JsonElement expected) => new(name, expected, _ => false);
}

using System.Text.Json;
using Kontor.Home.Attributes;

namespace Kontor.Home.Rules;

/// <summary>A part of a compiled rule. It is given an object of attributes, or the value of one, and says whether that matches.</summary>
internal abstract class Node(string name, JsonElement expected)
{
    public virtual bool Holds(JsonElement seen, List<RuleStep>? steps)
    {
        if (steps is null) return Test(seen, null);
        var inner = new List<RuleStep>();
        var result = Test(seen, inner);
        steps.Add(new(name, expected, seen, result, inner));
        return result;
    }

    protected abstract bool Test(JsonElement seen, List<RuleStep>? steps);
}

internal sealed class AllOf(string name, JsonElement expected, IReadOnlyList<Node> parts) : Node(name, expected)
{
    protected override bool Test(JsonElement seen, List<RuleStep>? steps)
    {
        foreach (var part in parts)
        {
            if (!part.Holds(seen, steps)) return false;
        }

        return true;
    }
}

/// <summary>`$or`; without any part it matches, as the dialect says.</summary>
internal sealed class AnyOf(string name, JsonElement expected, IReadOnlyList<Node> parts) : Node(name, expected)
{
    protected override bool Test(JsonElement seen, List<RuleStep>? steps)
    {
        foreach (var part in parts)
        {
            if (part.Holds(seen, steps)) return true;
        }

        return parts.Count == 0;
    }
}

internal sealed class Not(string name, JsonElement expected, Node part) : Node(name, expected)
{
    protected override bool Test(JsonElement seen, List<RuleStep>? steps) => !part.Holds(seen, steps);
}

/// <summary>Goes to the value at a path such as `device.os` and asks about it.</summary>
internal sealed class Attribute(string path, JsonElement expected, Node part) : Node(path, expected)
{
    private readonly string[] _path = path.Split('.');

    public override bool Holds(JsonElement seen, List<RuleStep>? steps) => base.Holds(ValueIn(seen), steps);

    protected override bool Test(JsonElement seen, List<RuleStep>? steps) => part.Holds(seen, steps);

    private JsonElement ValueIn(JsonElement attributes)
    {
        foreach (var member in _path)
        {
            if (attributes.ValueKind != JsonValueKind.Object || !attributes.TryGetProperty(member, out attributes)) return Values.Null;
        }

        return attributes;
    }
}

/// <summary>`$size`: asks about the number of elements of a list.</summary>
internal sealed class Size(JsonElement expected, Node part) : Node("$size", expected)
{
    protected override bool Test(JsonElement seen, List<RuleStep>? steps) =>
        seen.ValueKind == JsonValueKind.Array && part.Holds(JsonSerializer.SerializeToElement(seen.GetArrayLength()), steps);
}

/// <summary>`$elemMatch`: some element of a list matches.</summary>
internal sealed class Element(string name, JsonElement expected, Node part) : Node(name, expected)
{
    protected override bool Test(JsonElement seen, List<RuleStep>? steps)
    {
        if (seen.ValueKind != JsonValueKind.Array) return false;
        foreach (var element in seen.EnumerateArray())
        {
            if (part.Holds(element, steps)) return true;
        }

        return false;
    }
}

/// <summary>An operator that needs nothing but the value.</summary>
internal sealed class Leaf(string name, JsonElement expected, Func<JsonElement, bool> test) : Node(name, expected)
{
    protected override bool Test(JsonElement seen, List<RuleStep>? steps) => test(seen);
}

/// <summary>Whether the reader belongs to a segment: by its rule, which is part of the trace, or by its list.</summary>
internal sealed class InSegment(string name, JsonElement expected, CompiledSegment segment) : Node(name, expected)
{
    public override bool Holds(JsonElement seen, List<RuleStep>? steps)
    {
        if (segment.Rule is not null) return base.Holds(seen, steps);
        var isNamed = IsNamed(seen);
        // A list is not shown: it tells of others.
        steps?.Add(new(segment.Key, Values.True, isNamed ? Values.True : Values.False, isNamed, []));
        return isNamed;
    }

    protected override bool Test(JsonElement seen, List<RuleStep>? steps) => segment.Rule!.Root.Holds(seen, steps);

    private bool IsNamed(JsonElement seen)
    {
        if (seen.ValueKind != JsonValueKind.Object || !seen.TryGetProperty(Facts.ListsMember, out var lists)) return false;
        return lists.ValueKind == JsonValueKind.Array && lists.EnumerateArray().Any(
            list => list.ValueKind == JsonValueKind.String && list.ValueEquals(segment.Key));
    }
}

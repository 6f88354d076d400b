using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kontor.Foundation.Seams;
using static Kontor.Home.Rules.RuleForms;

namespace Kontor.Home.Rules;

/// <summary>
/// Rules as rows of attribute, operator and value, in groups; what a form without scripts can hold. A rule that is richer stays JSON.
/// </summary>
internal static class RuleRows
{
    /// <summary>In the place of an attribute: the row asks for a segment.</summary>
    public const string Segment = "$inGroup";

    /// <summary>The operators by the name that a form sends; those of the dialect where both are the same.</summary>
    public static readonly IReadOnlyList<string> Operators =
    [
        "$eq", "$ne", "$in", "$nin", "$gte", "$gt", "$lte", "$lt", "$vgte", "$vgt", "$vlte", "$vlt", "$all", "$regex", "known", "unknown",
    ];

    /// <summary>Null when rows cannot say the same.</summary>
    public static (bool Any, IReadOnlyList<Group> Groups)? Parse(JsonElement rule, Vocabulary vocabulary) =>
        new Reader(vocabulary).Rule(rule);

    public static JsonObject Compose(bool any, IReadOnlyList<Group> groups, Vocabulary vocabulary)
    {
        var parts = groups.Where(group => group.Rows.Count > 0).Select(group => Joined(group, vocabulary)).ToList();
        return parts.Count switch
        {
            0 => [],
            1 => parts[0],
            _ => new() { [any ? "$or" : "$and"] = new JsonArray([.. parts]) },
        };
    }

    private static JsonObject Joined(Group group, Vocabulary vocabulary)
    {
        var parts = group.Rows.Select(row => Condition(row, vocabulary)).ToList();
        if (parts.Count == 1) return parts[0];
        var names = parts.Select(part => part.First().Key).ToList();
        if (group.Any || names.Distinct().Count() < names.Count)
            return new() { [group.Any ? "$or" : "$and"] = new JsonArray([.. parts]) };
        return new(parts.Select(part => KeyValuePair.Create(part.First().Key, part.First().Value?.DeepClone())));
    }

    private static JsonObject Condition(Row row, Vocabulary vocabulary)
    {
        if (row.Attribute == Segment) return new() { [row.Operator is "$ne" or "$nin" ? "$notInGroup" : Segment] = row.Value.Trim() };
        var type = vocabulary.Find(row.Attribute)?.Type ?? AttributeType.Text;
        JsonNode One(string text) => Typed(text.Trim(), type);
        var all = row.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        JsonArray Many() => [.. all.Select(text => Typed(text, type))];
        JsonNode expected = row.Operator switch
        {
            "known" => new JsonObject { ["$exists"] = true },
            "unknown" => new JsonObject { ["$exists"] = false },
            // Of a list, its elements are asked for.
            "$eq" when type == AttributeType.TextList => new JsonObject { ["$in"] = Many() },
            "$ne" when type == AttributeType.TextList => new JsonObject { ["$nin"] = Many() },
            // A bare number would also match whoever it is not known of: the dialect takes what is missing for 0.
            "$eq" when type == AttributeType.Number => new JsonObject { ["$eq"] = One(row.Value) },
            "$eq" => One(row.Value),
            "$in" or "$nin" or "$all" => new JsonObject { [row.Operator] = Many() },
            "$regex" => new JsonObject { ["$regex"] = row.Value },
            ['$', 'v', ..] => new JsonObject { [row.Operator] = row.Value.Trim() },
            _ => new JsonObject { [row.Operator] = One(row.Value) },
        };
        return new() { [row.Attribute] = expected };
    }

    /// <summary>What is no number stays a text, which the check of the rule then names.</summary>
    private static JsonNode Typed(string text, AttributeType type) => type switch
    {
        AttributeType.Number when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        AttributeType.Flag when text is "true" or "false" => text == "true",
        _ => text,
    };

    private sealed class Reader(Vocabulary vocabulary)
    {
        public (bool Any, IReadOnlyList<Group> Groups)? Rule(JsonElement rule)
        {
            if (rule.ValueKind != JsonValueKind.Object) return null;
            if (!rule.EnumerateObject().Any()) return (false, []);
            if (Only(rule, "$or", JsonValueKind.Array) is { } either)
            {
                var parts = either.EnumerateArray().Select(part => AllOf(part)).ToList();
                if (parts.Count == 0 || parts.Any(part => part is null)) return null;
                return parts.All(part => part!.Rows.Count == 1)
                    ? (false, [new Group(true, [.. parts.SelectMany(part => part!.Rows)])])
                    : (true, [.. parts.Select(part => part!)]);
            }

            var (rows, groups) = (new List<Row>(), new List<Group>());
            if (!Collect(rule, rows, groups)) return null;
            return (false, rows.Count > 0 ? [new Group(false, rows), .. groups] : groups);
        }

        private bool Collect(JsonElement condition, List<Row> rows, List<Group> groups)
        {
            foreach (var member in condition.EnumerateObject())
            {
                if (member.Name == "$and" && member.Value.ValueKind == JsonValueKind.Array)
                {
                    if (!member.Value.EnumerateArray().All(part => part.ValueKind == JsonValueKind.Object && Collect(part, rows, groups)))
                        return false;
                }
                else if (member.Name == "$or" && member.Value.ValueKind == JsonValueKind.Array)
                {
                    var parts = member.Value.EnumerateArray().Select(AllOf).ToList();
                    if (parts.Count == 0 || parts.Any(part => part?.Rows.Count != 1)) return false;
                    groups.Add(new(true, [.. parts.SelectMany(part => part!.Rows)]));
                }
                else if (RowsOf(member) is { } found)
                {
                    rows.AddRange(found);
                }
                else
                {
                    return false;
                }
            }

            return true;
        }

        private Group? AllOf(JsonElement condition)
        {
            var (rows, groups) = (new List<Row>(), new List<Group>());
            if (condition.ValueKind != JsonValueKind.Object || !Collect(condition, rows, groups)) return null;
            return groups.Count == 0 && rows.Count > 0 ? new(false, rows) : null;
        }

        private IReadOnlyList<Row>? RowsOf(JsonProperty member)
        {
            var (name, value) = (member.Name, member.Value);
            if (RuleReader.SegmentAskedById(name, value) is var (operation, key)) (name, value) = (operation, key);
            if (name is "$inGroup" or "$notInGroup")
                return value.ValueKind == JsonValueKind.String ? [new(Segment, name == Segment ? "$eq" : "$ne", value.GetString()!)] : null;
            if (name == "$not" && Only(value, Segment, JsonValueKind.String) is { } other) return [new(Segment, "$ne", other.GetString()!)];
            if (name.StartsWith('$')) return null;
            if (value.ValueKind != JsonValueKind.Object)
            {
                var isBare = TypeOf(name) is AttributeType.Text or AttributeType.Flag;
                return isBare && Text(name, value) is { } text ? [new(name, "$eq", text)] : null;
            }

            if (!value.EnumerateObject().Any()) return null;
            var rows = value.EnumerateObject().Select(part => RowOf(name, part)).ToList();
            return rows.Contains(null) ? null : rows.ConvertAll(row => row!);
        }

        private Row? RowOf(string attribute, JsonProperty part) => part.Name switch
        {
            "$exists" when part.Value.ValueKind is JsonValueKind.True or JsonValueKind.False =>
                new(attribute, part.Value.GetBoolean() ? "known" : "unknown", ""),
            "$in" or "$nin" or "$all" when part.Value.ValueKind == JsonValueKind.Array =>
                part.Value.EnumerateArray().Select(one => Text(attribute, one)).ToList() is var texts
                && texts.All(text => text is { Length: > 0 } && !text.Contains(','))
                    ? new(attribute, part.Name, string.Join(", ", texts))
                    : null,
            // Of a list rows ask for elements; versions compare texts.
            "$eq" or "$ne" when TypeOf(attribute) == AttributeType.TextList => null,
            "$vgte" or "$vgt" or "$vlte" or "$vlt" when part.Value.ValueKind != JsonValueKind.String => null,
            _ when Operators.Contains(part.Name) && Text(attribute, part.Value) is { } text => new(attribute, part.Name, text),
            _ => null,
        };

        private AttributeType TypeOf(string attribute) => vocabulary.Find(attribute)?.Type ?? AttributeType.Text;

        /// <summary>As it is typed; null when it would not come back as it was.</summary>
        private string? Text(string attribute, JsonElement value) => (TypeOf(attribute), value.ValueKind) switch
        {
            (AttributeType.Text or AttributeType.TextList, JsonValueKind.String) =>
                value.GetString() is { } text && text.Trim() == text ? text : null,
            (AttributeType.Number, JsonValueKind.Number) when value.TryGetDecimal(out _) => value.GetRawText(),
            (AttributeType.Flag, JsonValueKind.True) => "true",
            (AttributeType.Flag, JsonValueKind.False) => "false",
            _ => null,
        };

        private static JsonElement? Only(JsonElement condition, string name, JsonValueKind kind) =>
            condition.ValueKind == JsonValueKind.Object && condition.GetPropertyCount() == 1
                && condition.TryGetProperty(name, out var value) && value.ValueKind == kind
                ? value : null;
    }
}

using System.Text.Json;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Home.Widgets;

namespace Kontor.Home.Simulation;

/// <summary>
/// Readers of every kind that a feed tells apart: each platform and language, strangers and each role of a gate, on and off each list that
/// a rule names, and with values of the attributes that rules read: those that they compare with, and those beside them.
/// </summary>
internal static class SyntheticReaders
{
    public const int Max = 2000;

    private const int ValuesMax = 6;
    private static readonly string[] Platforms = ["web", "ios", "android"];

    private sealed record Person(IReadOnlyList<string> Roles, Assurance Assurance);

    /// <param name="total">Of how many combinations the answer is a sample, always the same.</param>
    public static IReadOnlyList<Reader> Of(FeedModel before, FeedModel after, out long total)
    {
        var rules = Conditions(before).Concat(Conditions(after)).ToList();
        var reads = before.Rules.Reads.Concat(after.Rules.Reads).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        var lists = reads.Where(key => key.StartsWith(Facts.ListsMember, StringComparison.Ordinal))
            .Select(key => key[(Facts.ListsMember.Length + 1)..]).ToList();
        var told = reads.Select(key => after.Vocabulary.Find(key) ?? before.Vocabulary.Find(key)).OfType<AttributeInfo>()
            .Where(attribute => attribute.Source is not null).ToList();
        var values = told.ConvertAll(attribute => ValuesOf(attribute, rules));
        var languages = before.Languages.Concat(after.Languages).Append(Widget.FallbackLanguage).Distinct().Order(StringComparer.Ordinal)
            .ToList();
        var versions = reads.Contains("appVersion") ? TextsIn(rules, "appVersion").Take(ValuesMax).Prepend(null).ToList() : [null];
        var ids = reads.Contains("id") ? TextsIn(rules, "id").Take(ValuesMax).Prepend(null).ToList() : [null];
        var persons = Persons(before, after, rules);

        int[] sizes =
        [
            Platforms.Length, languages.Count, persons.Count, versions.Count, ids.Count, .. lists.Select(_ => 2),
            .. values.Select(options => options.Count),
        ];
        total = sizes.Aggregate(1L, (product, size) => product > long.MaxValue / size ? long.MaxValue : product * size);
        return [.. Picks(sizes, total).Select((pick, i) =>
        {
            var person = persons[pick[2]];
            var query = new FeedQuery(Platforms[pick[0]], versions[pick[3]], languages[pick[1]], null);
            if (person is null) return new Reader(query, null);
            var user = RecordedReaders.Somebody(i, person.Roles, person.Assurance);
            return new Reader(query, ids[pick[4]] is { } id ? user with { Id = id } : user)
            {
                Facts = new(
                    [.. told.Select((attribute, at) => (attribute, Value: values[at][pick[5 + lists.Count + at]]))
                        .Where(one => one.Value is not null).Select(one => FactOf(one.attribute, one.Value!.Value))],
                    [.. lists.Where((_, at) => pick[5 + at] == 1)]),
            };
        })];
    }

    private static IEnumerable<JsonElement> Conditions(FeedModel model) =>
        model.Widgets.Select(one => one.Widget.Target.Rule).Concat(model.Vocabulary.Segments.Select(segment => segment.Rule))
            .OfType<JsonElement>();

    /// <summary>All combinations, or as many of them as there is room for, drawn always alike.</summary>
    private static IEnumerable<int[]> Picks(int[] sizes, long total)
    {
        if (total > Max)
        {
            var random = new Random(1);
            for (var i = 0; i < Max; i++) yield return [.. sizes.Select(size => random.Next(size))];
            yield break;
        }

        for (var number = 0L; number < total; number++)
        {
            var (pick, rest) = (new int[sizes.Length], number);
            for (var at = 0; at < sizes.Length; at++) (rest, pick[at]) = (rest / sizes[at], (int)(rest % sizes[at]));
            yield return pick;
        }
    }

    /// <summary>Null for a stranger.</summary>
    private static List<Person?> Persons(FeedModel before, FeedModel after, List<JsonElement> rules)
    {
        string[] roles = [.. before.GateRoles.Concat(after.GateRoles).Concat(TextsIn(rules, "roles")).Append(RoleNames.Customer)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var sets = roles.Select(role => new[] { role }).Prepend([]).Append(roles).ToList();
        var asks = before.AsksForAssurance || after.AsksForAssurance
            || before.Rules.Reads.Contains("assurance") || after.Rules.Reads.Contains("assurance");
        return
        [
            null, .. sets.Select(set => new Person(set, Assurance.OneFactor)),
            .. asks ? sets.Select(set => new Person(set, Assurance.TwoFactors)) : [],
        ];
    }

    /// <summary>Null stands for a value that is not known.</summary>
    private static List<JsonElement?> ValuesOf(AttributeInfo attribute, List<JsonElement> rules)
    {
        IEnumerable<object> some = attribute.Type switch
        {
            AttributeType.Flag => [true, false],
            AttributeType.Number => ScalarsIn(rules, attribute.Key).Where(one => one.ValueKind == JsonValueKind.Number)
                .Select(one => one.GetDouble()).SelectMany(number => new[] { number - 1, number, number + 1 }).Distinct()
                .Order().Select(number => (object)number),
            AttributeType.TextList => TextsIn(rules, attribute.Key).Select(text => (object)new[] { text }),
            _ => (attribute.Values ?? TextsIn(rules, attribute.Key)).Append("something else").Distinct(),
        };
        return [null, .. some.Take(3 * ValuesMax).Select(value => (JsonElement?)JsonSerializer.SerializeToElement(value))];
    }

    private static Fact FactOf(AttributeInfo attribute, JsonElement value) =>
        new(attribute.Source!, attribute.Key[(attribute.Source!.Length + 1)..], value);

    private static IEnumerable<string> TextsIn(IEnumerable<JsonElement> rules, string attribute) =>
        ScalarsIn(rules, attribute).Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString()!).Distinct();

    /// <summary>What rules compare an attribute with.</summary>
    private static IEnumerable<JsonElement> ScalarsIn(IEnumerable<JsonElement> rules, string attribute) =>
        rules.SelectMany(rule => Under(rule, attribute)).SelectMany(Leaves);

    private static IEnumerable<JsonElement> Under(JsonElement condition, string attribute) => condition.ValueKind switch
    {
        JsonValueKind.Object => condition.EnumerateObject().SelectMany(
            member => member.Name == attribute ? [member.Value] : Under(member.Value, attribute)),
        JsonValueKind.Array => condition.EnumerateArray().SelectMany(part => Under(part, attribute)),
        _ => [],
    };

    private static IEnumerable<JsonElement> Leaves(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Leaves(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Leaves),
        _ => [value],
    };
}

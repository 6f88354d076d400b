using System.Text.Json;
using Kontor.Ui;

namespace Kontor.Home.Rules;

/// <summary>
/// What a rule means, in the visitor's language: `platform is “ios” and (orders is at least 3 or they belong to “Friends”)`.
/// </summary>
internal static class RuleSentence
{
    public static string Of(JsonElement rule, Vocabulary vocabulary, Texts texts)
    {
        var said = new Speaker(vocabulary, texts).Condition(rule, inner: false);
        return said.Length == 0 ? texts["Everybody."] : texts["Whoever this holds for: {0}.", said];
    }

    private sealed class Speaker(Vocabulary vocabulary, Texts texts)
    {
        /// <param name="inner">It is part of something, so several parts need brackets.</param>
        public string Condition(JsonElement condition, bool inner) =>
            Joined(
                [.. condition.EnumerateObject().Select(member => Member(member, inner || condition.GetPropertyCount() > 1))], "and", inner);

        private string Member(JsonProperty member, bool inner) => member.Name switch
        {
            "$and" => Joined(Parts(member.Value), "and", inner),
            "$or" => Joined(Parts(member.Value), "or", inner),
            "$nor" => texts["none of these: {0}", Joined(Parts(member.Value), "or", inner: true)],
            "$not" => texts["not {0}", Bracketed(Condition(member.Value, inner: false))],
            "$inGroup" => texts["they belong to “{0}”", TitleOf(member.Value)],
            "$notInGroup" => texts["they do not belong to “{0}”", TitleOf(member.Value)],
            _ when RuleReader.SegmentAskedById(member.Name, member.Value) is var (operation, key) =>
                texts[operation == "$inGroup" ? "they belong to “{0}”" : "they do not belong to “{0}”", TitleOf(key)],
            _ => Value(member.Name, member.Value, inner),
        };

        private string Value(string attribute, JsonElement expected, bool inner)
        {
            if (expected.ValueKind != JsonValueKind.Object || expected.EnumerateObject().Any(part => !part.Name.StartsWith('$')))
                return texts["{0} is {1}", attribute, Shown(expected)];
            return Joined([.. expected.EnumerateObject().Select(part => Operator(attribute, part.Name, part.Value))], "and", inner);
        }

        private string Operator(string attribute, string name, JsonElement expected) => name switch
        {
            "$eq" or "$veq" => texts["{0} is {1}", attribute, Shown(expected)],
            "$ne" or "$vne" => texts["{0} is not {1}", attribute, Shown(expected)],
            "$lt" or "$vlt" => texts["{0} is below {1}", attribute, Shown(expected)],
            "$lte" or "$vlte" => texts["{0} is at most {1}", attribute, Shown(expected)],
            "$gt" or "$vgt" => texts["{0} is above {1}", attribute, Shown(expected)],
            "$gte" or "$vgte" => texts["{0} is at least {1}", attribute, Shown(expected)],
            "$in" or "$ini" => texts["{0} is one of {1}", attribute, Shown(expected)],
            "$nin" or "$nini" => texts["{0} is none of {1}", attribute, Shown(expected)],
            "$all" or "$alli" => texts["{0} has all of {1}", attribute, Shown(expected)],
            "$regex" or "$regexi" => texts["{0} matches {1}", attribute, Shown(expected)],
            "$exists" when Values.IsTrue(expected) => texts["{0} is known", attribute],
            "$exists" => texts["{0} is not known", attribute],
            "$size" => texts["the number of {0} fits {1}", attribute, Shown(expected)],
            "$elemMatch" => texts["some element of {0} fits {1}", attribute, Shown(expected)],
            "$not" => texts["not {0}", Bracketed(Value(attribute, expected, inner: false))],
            _ => $"{attribute} {name} {Shown(expected)}",
        };

        private List<string> Parts(JsonElement list) =>
            [.. list.EnumerateArray().Select(part => Condition(part, inner: list.GetArrayLength() > 1))];

        private string Joined(List<string> parts, string word, bool inner)
        {
            parts.RemoveAll(part => part.Length == 0);
            var said = string.Join($" {texts[word]} ", parts);
            return parts.Count > 1 && inner ? Bracketed(said) : said;
        }

        private string TitleOf(JsonElement key) =>
            vocabulary.Segments.FirstOrDefault(segment => segment.Key == key.GetString())?.Title ?? key.ToString();

        private string Shown(JsonElement value) => value.ValueKind switch
        {
            JsonValueKind.String => texts["“{0}”", value.GetString()],
            JsonValueKind.True => texts["true"],
            JsonValueKind.False => texts["false"],
            JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Shown)),
            _ => value.GetRawText(),
        };

        private static string Bracketed(string said) => said.Length > 0 && said[0] == '(' && said[^1] == ')' ? said : $"({said})";
    }
}

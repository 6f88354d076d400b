using System.Text.Json;

namespace Kontor.Home.Widgets.Types;

/// <summary>
/// Whether a schema may take another's place while widgets use it. Whoever writes content and whoever shows it have both relied on it, so
/// it may say more about what it means, and name members that may be there besides; all else is another version.
/// </summary>
internal static class SchemaChange
{
    private static readonly string[] Annotations = ["$schema", "$id", "title", "description", "examples"];

    /// <summary>What keeps it from being compatible, with its place; null when it is.</summary>
    public static string? WhyNot(JsonElement before, JsonElement after) => WhyNot(before, after, "");

    private static string? WhyNot(JsonElement before, JsonElement after, string at)
    {
        if (before.ValueKind != JsonValueKind.Object || after.ValueKind != JsonValueKind.Object)
            return JsonElement.DeepEquals(before, after) ? null : $"{Place(at)} is another";
        foreach (var keyword in Keywords(before).Union(Keywords(after)))
        {
            var there = $"{at}/{keyword}";
            if (!before.TryGetProperty(keyword, out var was)) return $"{there} is new";
            if (!after.TryGetProperty(keyword, out var now)) return $"{there} is gone";
            var reason = keyword switch
            {
                "properties" => Members(was, now, IsClosed(before), there),
                "items" or "additionalProperties" => WhyNot(was, now, there),
                "required" => IsSameSet(was, now) ? null : $"{there} is another",
                _ => JsonElement.DeepEquals(was, now) ? null : $"{there} is another",
            };
            if (reason is not null) return reason;
        }

        return null;
    }

    private static string? Members(JsonElement before, JsonElement after, bool isClosed, string at)
    {
        foreach (var member in before.EnumerateObject())
        {
            if (!after.TryGetProperty(member.Name, out var now)) return $"{at}/{member.Name} is gone";
            if (WhyNot(member.Value, now, $"{at}/{member.Name}") is { } reason) return reason;
        }

        if (isClosed) return null;
        // Where any member could already be there, it may be there with another meaning.
        var added = after.EnumerateObject().Where(member => !before.TryGetProperty(member.Name, out _)).Select(member => member.Name);
        return added.FirstOrDefault() is { } name ? $"{at}/{name} is new where any member may be" : null;
    }

    private static bool IsClosed(JsonElement schema) =>
        schema.TryGetProperty("additionalProperties", out var additional) && additional.ValueKind == JsonValueKind.False;

    private static bool IsSameSet(JsonElement before, JsonElement after) =>
        before.ValueKind == JsonValueKind.Array && after.ValueKind == JsonValueKind.Array
        && before.EnumerateArray().Select(one => one.GetRawText()).ToHashSet()
            .SetEquals(after.EnumerateArray().Select(one => one.GetRawText()));

    private static IEnumerable<string> Keywords(JsonElement schema) =>
        schema.EnumerateObject().Select(keyword => keyword.Name).Where(name => !Annotations.Contains(name));

    private static string Place(string at) => at.Length == 0 ? "The schema" : at;
}

using System.Text.Json;

namespace Kontor.Home.Rules;

/// <summary>What a condition is about, read off its text: also of one that nobody can evaluate any more.</summary>
internal static class Mentions
{
    /// <summary>The names of all members, at any depth: attributes and operators.</summary>
    public static IEnumerable<string> In(JsonElement condition) => condition.ValueKind switch
    {
        JsonValueKind.Object => condition.EnumerateObject().SelectMany(member => In(member.Value).Prepend(member.Name)),
        JsonValueKind.Array => condition.EnumerateArray().SelectMany(In),
        _ => [],
    };
}

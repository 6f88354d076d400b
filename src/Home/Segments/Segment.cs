using System.Text.Json;
using Kontor.Home.Widgets;

namespace Kontor.Home.Segments;

/// <summary>A group of persons that rules and pushed content can name.</summary>
/// <param name="Key">As `$inGroup` names it.</param>
/// <param name="Rule">Whoever it holds for belongs to it; null where a list says who does.</param>
/// <param name="Priority">Where content was pushed to several segments of a reader, that of the highest is shown.</param>
/// <param name="Version">Grows by one with each change.</param>
/// <param name="ProposedRule">What waits for a second admin.</param>
internal sealed record Segment(
    string Key, string Title, JsonElement? Rule, long Priority, long Version, JsonElement? ProposedRule, string? ProposerId,
    long CreatedAt, long UpdatedAt)
{
    public bool IsList => Rule is null;

    /// <summary>What waits, and whose wish it is; null when nothing does.</summary>
    public Proposal? Proposal => ProposedRule is { } rule ? new(ProposerId ?? "", rule.GetRawText()) : null;

    /// <summary>The rule that asks whether somebody belongs to it.</summary>
    public static JsonElement Asked(string key) => JsonSerializer.SerializeToElement(new Dictionary<string, string> { ["$inGroup"] = key });
}

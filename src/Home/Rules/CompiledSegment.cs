using Kontor.Home.Attributes;

namespace Kontor.Home.Rules;

/// <summary>A segment as rules name it.</summary>
/// <param name="Rule">Null for a list, and for one that cannot be evaluated.</param>
/// <param name="Problem">Why it cannot be evaluated; so can no rule that names it.</param>
internal sealed record CompiledSegment(string Key, Rule? Rule, string? Problem = null)
{
    /// <summary>What its rule reads with all segments that it names, or that the list itself is asked for.</summary>
    public IReadOnlySet<string> Attributes { get; } = Rule?.Attributes ?? new HashSet<string> { Facts.ListKey(Key) };

    public int Parts => Rule?.Parts ?? 1;
}

using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Home.Experiments;
using Kontor.Home.Rules;
using Kontor.Home.Segments;
using Kontor.Home.Widgets;

namespace Kontor.Home.Attributes;

/// <summary>Whose rules could no longer be evaluated if nobody told a source's attributes any more.</summary>
internal static class AttributeUsers
{
    /// <summary>
    /// Widgets and experiments that are not archived, as they are and as somebody wishes them, but for the source's own widgets; and
    /// segments: `widget shop.deals`.
    /// </summary>
    public static async Task<List<string>> Of(Tx tx, string source)
    {
        var prefix = $"{source}.";
        return
        [
            .. (await StoredWidgets.Live(tx)).Where(widget => widget.Source != source
                && (Asks(widget.Target.Rule) || AsksInWish(widget.Proposal?.Json))).Select(widget => $"widget {widget.Key}"),
            .. (await StoredSegments.All(tx)).Where(segment => Asks(segment.Rule) || Asks(segment.ProposedRule))
                .Select(segment => $"segment {segment.Key}"),
            .. (await StoredExperiments.Live(tx)).Where(one => Asks(one.Design.Condition) || AsksInWish(one.Proposal?.Json))
                .Select(one => $"experiment {one.Key}"),
        ];

        bool Asks(JsonElement? condition) =>
            condition is { } some && Mentions.In(some).Any(name => name.StartsWith(prefix, StringComparison.Ordinal));

        bool AsksInWish(string? json) => json is not null && Asks(JsonElement.Parse(json));
    }
}

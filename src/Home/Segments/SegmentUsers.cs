using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Home.Experiments;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;

namespace Kontor.Home.Segments;

/// <summary>Who would no longer know what it asks for if a segment were gone.</summary>
internal static class SegmentUsers
{
    /// <summary>The segments that a condition names.</summary>
    public static IEnumerable<string> NamedIn(JsonElement condition) => condition.ValueKind switch
    {
        JsonValueKind.Object => condition.EnumerateObject().SelectMany(
            member => member is { Name: "$inGroup" or "$notInGroup", Value.ValueKind: JsonValueKind.String }
                ? [member.Value.GetString()!]
                : NamedIn(member.Value)),
        JsonValueKind.Array => condition.EnumerateArray().SelectMany(NamedIn),
        _ => [],
    };

    /// <summary>
    /// Widgets and experiments that are not archived, as they are and as somebody wishes them; other segments; and widgets of which
    /// something is shown to its members: `widget shop.deals`.
    /// </summary>
    public static async Task<List<string>> Of(Tx tx, string key, IEnumerable<Segment> segments, long now) => Of(
        key, await StoredWidgets.Live(tx), segments, await StoredExperiments.Live(tx), await StoredSnapshots.WidgetsFor(tx, key, now));

    /// <param name="pushed">Widgets of which something was pushed to it.</param>
    public static List<string> Of(
        string key, IEnumerable<Widget> widgets, IEnumerable<Segment> segments, IEnumerable<StoredExperiment> experiments,
        IEnumerable<string> pushed) =>
    [
        .. widgets.Where(widget => Names(widget.Target.Rule, key)
            || (widget.Proposal is { } wish && Names(JsonElement.Parse(wish.Json), key))).Select(widget => $"widget {widget.Key}"),
        .. segments.Where(one => one.Key != key && (Names(one.Rule, key) || Names(one.ProposedRule, key)))
            .Select(one => $"segment {one.Key}"),
        .. experiments.Where(one => Names(one.Design.Condition, key)
            || (one.Proposal is { } wish && Names(JsonElement.Parse(wish.Json), key))).Select(one => $"experiment {one.Key}"),
        .. pushed.Select(widget => $"content of {widget}"),
    ];

    private static bool Names(JsonElement? condition, string key) => condition is { } some && NamedIn(some).Contains(key);
}

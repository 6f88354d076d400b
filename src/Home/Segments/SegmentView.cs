using System.Text.Json;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;

namespace Kontor.Home.Segments;

/// <summary>A segment as an admin sees it.</summary>
/// <param name="Rule">Whoever it holds for belongs to it; null where a list says who does.</param>
/// <param name="Persons">How many are on its list; null where a rule decides.</param>
/// <param name="Share">Of the recent readers, 0 to 1; null where too little is known of them.</param>
/// <param name="UsedBy">Widgets, experiments and segments that name it, and widgets of which something was pushed to it.</param>
/// <param name="Fault">Why it cannot be evaluated; whatever names it is hidden.</param>
/// <param name="Proposal">A rule that waits for a second admin.</param>
public sealed record SegmentView(
    string Key, string Title, JsonElement? Rule, long? Persons, double? Share, long Priority, long Version, IReadOnlyList<string> UsedBy,
    string? Fault, SegmentProposal? Proposal, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    internal static SegmentView Of(Segment segment, long? persons, double? share, FeedModel model) => new(
        segment.Key, segment.Title, segment.Rule, persons, share, segment.Priority, segment.Version,
        SegmentUsers.Of(segment.Key, model.Widgets.Select(one => one.Widget), model.Vocabulary.Segments, model.Experiments.All,
            model.Widgets.Where(one => one.Segments.Any(told => told.Key == segment.Key)).Select(one => one.Widget.Key)),
        model.Vocabulary.Segment(segment.Key)?.Problem,
        segment.Proposal is { } wish ? new(wish.UserId, segment.ProposedRule!.Value, wish.Mark) : null, segment.CreatedAt.ToTime(),
        segment.UpdatedAt.ToTime());
}

/// <param name="UserId">The admin who wants it; somebody else has to publish it.</param>
/// <param name="Mark">Names what is wished, for whoever agrees to it.</param>
public sealed record SegmentProposal(string UserId, JsonElement Rule, string Mark);

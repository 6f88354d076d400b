using Kontor.Home.Feed;

namespace Kontor.Home.Experiments;

/// <summary>What a widget's experiment gives a reader.</summary>
/// <param name="Bucket">Where their hash stands between 0 and 1; null where nothing was drawn.</param>
/// <param name="Variation">The control's for who takes no part.</param>
/// <param name="Reason">`drawn`, `sticky`, `decided`, `forced-for-person`, or why they take no part: `draft`, `not-started`, `ended`,
/// `stopped`, `no-unit`, `condition`, `prerequisite`, `filtered` (a holdout, or with one the namespace), `outside-namespace`,
/// `not-covered`, `bucket-version-blocked`, `no-such-variation`, `unknown-experiment`.</param>
/// <param name="IsSticky">They, or their device before they signed in, saw it before.</param>
/// <param name="Attribute">By which they were drawn: `id` or `deviceId`.</param>
/// <param name="ShownIn">The variations in which the widget is shown.</param>
public sealed record ExplainedExperiment(
    string Key, string? Variation, bool TakesPart, string Reason, double? Bucket, bool IsSticky, string? Attribute,
    IReadOnlyList<string> ShownIn)
{
    internal static ExplainedExperiment? Of(FeedWidget one, ExperimentBook book, Reader reader, long now)
    {
        if (one.Variations is not { } variations || one.Widget.Target.Experiment is not { Key: { } key } named) return null;
        var shownIn = named.Variations ?? [];
        // A draft is part of none yet: only published widgets make an experiment one that is in use.
        if (variations.Index < 0) return new(key, null, false, "unknown-experiment", null, false, null, shownIn);
        var given = book.Explain(variations.Index, reader, now);
        var variation = book.At(variations.Index).Stored.Design.Variations[given.Variation].Key;
        return new(key, variation, given.InExperiment, given.Reason, given.Bucket, given.WasSticky, given.Attribute, shownIn);
    }
}

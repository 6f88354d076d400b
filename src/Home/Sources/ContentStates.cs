using System.Collections.Frozen;
using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Sources.Pulled;
using static Kontor.Home.Widgets.WidgetSettings;

namespace Kontor.Home.Sources;

public enum ContentState
{
    Fresh,
    Stale,
    Fallback,
    None,
}

/// <param name="Personal">Each person has a snapshot of their own.</param>
/// <param name="State">`fresh`; `stale`, but shown; `fallback`, what stands in while its source has nothing to show; or `none`.</param>
/// <param name="AgeSeconds">Since its source was asked or pushed it; null when there is none.</param>
/// <param name="IsStale">It has reached its age, or something has changed since, and nothing newer came.</param>
/// <param name="IsFallback">It is what stands in while the source has nothing to show.</param>
/// <param name="LastFailure">Why the latest call of its source gave nothing; for admins.</param>
/// <param name="FreshUntil">Of what another system said, as <paramref name="ShownUntil"/>, after which the fallback is.</param>
/// <param name="Source">How the source fares that it is pulled from; for admins.</param>
/// <param name="Segment">It was pushed to the members of this segment; for admins, because its name may tell what a person is not
/// told.</param>
/// <param name="Cache">What an admin narrows its source's times to.</param>
public sealed record ExplainedContent(
    bool Personal, bool IsThere, ContentState State, long? AgeSeconds, bool IsStale, bool IsFallback, string? LastFailure,
    DateTimeOffset? FreshUntil, DateTimeOffset? ShownUntil, PullHealth? Source, string? Segment = null,
    WidgetCache? Cache = null);

/// <summary>What widgets have to show a person at this moment, and how good it still is.</summary>
internal sealed class ContentStates(PersonalSnapshots persons, PushedContent pushed, Database database, TimeProvider time)
{
    /// <param name="isAdmin">Whoever asks, for whomever.</param>
    public async Task<Func<FeedWidget, (Snapshot? Shown, ExplainedContent Content)>> Of(
        CurrentUser? person, bool isAdmin, CancellationToken ct)
    {
        var now = time.NowMs();
        var own = (person is null ? null : await pushed.Of(person.Id, ct)) ?? FrozenDictionary<string, PushedSnapshot>.Empty;
        var health = isAdmin ? await Health(now, ct) : null;
        return one => StateOf(one, person, own, health, now);
    }

    private (Snapshot?, ExplainedContent) StateOf(
        FeedWidget one, CurrentUser? person, FrozenDictionary<string, PushedSnapshot> own,
        IReadOnlyDictionary<string, PullHealth>? health, long now)
    {
        var slot = !one.IsPersonal ? one.Offered?.Shared : person is null ? null : persons.Find(person.Id, one.Offered!);
        // Not the model's: what was renewed without a change is younger here.
        var isOwn = one.HasPersons && own.TryGetValue(one.Widget.Key, out var mine) && mine.ShownUntil > now;
        var told = isOwn ? own[one.Widget.Key]
            : one.Pushed is null ? null
            : (one.Segment is { } key ? pushed.ForSegment(one.Widget.Key, key, now) : pushed.Shared(one.Widget.Key, now)) ?? one.Pushed;
        var shown = one.IsPersonal ? slot?.At(now) : told?.Snapshot ?? one.Content;
        var isStale = slot?.IsOutdated(now) ?? told?.FreshUntil <= now;
        var isFallback = one.IsFallback && shown == one.Content;
        var state = shown?.Content is null ? ContentState.None
            : isFallback ? ContentState.Fallback
            : isStale ? ContentState.Stale
            : ContentState.Fresh;
        var source = one.Widget.Source is { } name ? health?.GetValueOrDefault(name) : null;
        return (shown, new(
            one.HasPersons, shown?.Content is not null, state, shown is null ? null : (now - shown.AsOf) / Clock.Second, isStale,
            isFallback, health is null ? null : slot?.LastFailure ?? source?.LastFailure, told?.FreshUntil.ToTime(),
            told?.ShownUntil.ToTime(), source, health is null || isOwn ? null : one.Segment,
            one.Widget.Target.Cache));
    }

    private async Task<IReadOnlyDictionary<string, PullHealth>> Health(long now, CancellationToken ct)
    {
        var (pulls, calls) = await database.Snapshot(
            async tx => (await StoredPulls.All(tx), await StoredPulls.CallsSince(tx, now - Clock.Minute)), ct);
        return pulls.ToDictionary(pull => pull.Source, pull => PullHealth.Of(pull, calls.GetValueOrDefault(pull.Source), now));
    }
}

using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Home.Simulation;
using Kontor.Home.Sources;
using Kontor.Home.Widgets;

namespace Kontor.Home.Segments;

/// <summary>The way of every change of a segment: checked with all that name it, agreed to where two have to, stored, in the next
/// feed.</summary>
internal sealed class SegmentEditor(
    Database database, FeedModels models, PersonFacts facts, Simulator simulator, Approval approval, TimeProvider time)
{
    public static readonly Problem OtherKind = new(409, "segment-kind-differs", "A segment has either a rule or a list, and keeps to it.");
    public static readonly Problem InUse = new(409, "segment-in-use", "Others name this segment. Change them first.");

    public Task<Outcome<Segment>> Create(Segment segment, IReadOnlyCollection<string> persons, CancellationToken ct) => Reloaded(
        database.Write<Outcome<Segment>>(
            async tx =>
            {
                var all = await StoredSegments.AllToChange(tx);
                if (all.Count >= StoredSegments.SegmentsMax) return StoredSegments.TooMany;
                if (await Check(tx, segment, all) is { } fault) return fault;
                var (created, problem) = await StoredSegments.Create(tx, segment);
                if (problem is not null) return problem;
                return (await StoredMembers.Add(tx, segment.Key, persons)).Problem is { } refusal ? refusal : created!;
            }, ct), ct);

    /// <param name="change">Gets the segment as it is and gives it as it shall be, having changed its list; a problem leaves both
    /// alone.</param>
    /// <param name="mark">Of somebody else's wish that may be replaced.</param>
    public Task<Outcome<Segment>> Change(
        string key, string userId, string? mark, Func<Tx, Segment, Task<Outcome<Segment>>> change, CancellationToken ct) =>
        Reloaded(Reach.Of(simulator, reach => Change(
            key, change, (tx, before, after) => Decided(tx, before, after, userId, mark, reach), ct)), ct);

    private Task<Outcome<Segment>> Change(
        string key, Func<Tx, Segment, Task<Outcome<Segment>>> change, Func<Tx, Segment, Segment, Task<Outcome<Segment>>> decide,
        CancellationToken ct) => database.Write<Outcome<Segment>>(
            async tx =>
            {
                var all = await StoredSegments.AllToChange(tx);
                if (all.Find(one => one.Key == key) is not { } before) return StoredSegments.Unknown;
                var (after, problem) = await change(tx, before);
                if (problem is not null) return problem;
                if (await Check(tx, after!, all) is { } fault) return fault;
                var (decided, refusal) = await decide(tx, before, after!);
                return refusal is not null ? refusal : await StoredSegments.Write(tx, before, decided!, time);
            }, ct);

    /// <summary>Somebody agrees to the rule that another admin wishes.</summary>
    /// <param name="mark">Of the wish that they have read.</param>
    public Task<Outcome<Segment>> Publish(string key, string userId, string? mark, CancellationToken ct) => Settle(
        key,
        before => before.Proposal is not { } wish ? mark is null ? before : Approval.WishChanged
            : Approval.CannotAgree(wish, userId, mark) is { } problem ? problem
            : before with { Rule = before.ProposedRule, ProposedRule = null, ProposerId = null }, ct);

    /// <summary>What waits is dropped, by whoever wished it or by somebody else.</summary>
    /// <param name="mark">Null for whatever waits.</param>
    public Task<Outcome<Segment>> Refuse(string key, string? mark, CancellationToken ct) => Settle(
        key,
        before => Approval.CannotRefuse(before.Proposal, mark) is { } problem ? problem
            : before with { ProposedRule = null, ProposerId = null }, ct);

    private Task<Outcome<Segment>> Settle(string key, Func<Segment, Outcome<Segment>> settle, CancellationToken ct) =>
        Reloaded(Change(
            key, (_, before) => Task.FromResult(settle(before)), (_, _, after) => Task.FromResult<Outcome<Segment>>(after), ct), ct);

    /// <summary>A rule that would change too many feeds waits for a second admin; the rest of the change does not.</summary>
    private async Task<Outcome<Segment>> Decided(
        Tx tx, Segment before, Segment after, string userId, string? mark, Reach reach)
    {
        if (after.Rule is not { } rule || before.Rule is not { } was || JsonElement.DeepEquals(rule, was)) return after;
        if (Approval.CannotReplace(before.Proposal, userId, mark) is { } problem) return problem;
        if (!reach.IsKnown(after)) return StoredSegments.Changed;
        return await approval.IsTooFar(tx, userId, reach)
            ? after with { Rule = was, ProposedRule = rule, ProposerId = userId }
            : after with { ProposedRule = null, ProposerId = null };
    }

    /// <summary>Done also when there is none.</summary>
    public async Task<Problem?> Delete(string key, CancellationToken ct)
    {
        var (_, problem) = await Reloaded(
            database.Write<Outcome<bool>>(
                async tx =>
                {
                    var users = await SegmentUsers.Of(tx, key, await StoredSegments.AllToChange(tx), time.NowMs());
                    if (users.Count > 0) return InUse.Because($"It is named by {string.Join(", ", users)}.").With("usedBy", users);
                    await StoredSnapshots.Forget(tx, key);
                    await StoredSegments.Delete(tx, key);
                    return true;
                }, ct), ct);
        return problem;
    }

    /// <summary>It can be evaluated itself, and so can all that could before.</summary>
    private async Task<Problem?> Check(Tx tx, Segment segment, IReadOnlyList<Segment> all)
    {
        var before = new Vocabulary(facts.Attributes.Concat(await StoredFacts.Attributes(tx)), all);
        var after = before.With(segment);
        if (after.Segment(segment.Key)!.Problem is { } reason) return Vocabulary.Invalid.With("faults", new List<string> { reason });
        var spoiled = all.Where(one => after.Segment(one.Key)!.Problem is not null && before.Segment(one.Key)!.Problem is null)
            .Select(one => $"the segment {one.Key} could no longer be evaluated: {after.Segment(one.Key)!.Problem}").ToList();
        foreach (var widget in await StoredWidgets.Live(tx))
        {
            if (widget.Target.Rule is not { } rule || before.Read(rule).Problem is not null) continue;
            if (after.Read(rule).Problem is not null) spoiled.Add($"the rule of {widget.Key} could no longer be evaluated");
        }

        return spoiled.Count > 0 ? Vocabulary.Invalid.With("faults", spoiled) : null;
    }

    private async Task<Outcome<T>> Reloaded<T>(Task<Outcome<T>> work, CancellationToken ct)
    {
        var outcome = await work;
        if (outcome.Problem is null) await models.Reload(ct);
        return outcome;
    }
}

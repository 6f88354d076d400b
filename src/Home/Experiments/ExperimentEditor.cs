using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Feed;
using Kontor.Home.Widgets;
using Microsoft.Extensions.Options;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home.Experiments;

/// <summary>
/// The way of every change of an experiment: checked, agreed to where two have to, stored with a revision, and in the next feed.
/// </summary>
internal sealed class ExperimentEditor(
    Database database, FeedModels models, Approval approval, IOptions<HomeOptions> options, TimeProvider time)
{
    public static readonly Problem Changed = new(409, "experiment-changed", "Somebody else changed this experiment. Look again.");
    public static readonly Problem WrongState = new(409, "experiment-state", "An experiment is a draft, runs, is stopped and is archived.");
    public static readonly Problem InUse = new(409, "experiment-in-use", "Widgets name this experiment. Take it from them first.");

    private static readonly Problem NothingWaits = new(409, "nothing-waits", "Nothing waits for a second person here.");
    private static readonly Problem RevisionUnknown = new(404, "not-found", "There is no such revision, or it is too old.");
    private static readonly Problem NoSuchVariation = new(422, "variation-unknown", "The experiment has no such variation.");

    private readonly HashSet<string> _goals = [.. options.Value.Goals.Select(goal => goal.Event)];

    public Task<Outcome<StoredExperiment>> Create(string key, ExperimentRequest asked, string userId, CancellationToken ct)
    {
        var (design, now) = (new Design().With(asked), time.NowMs());
        var experiment = new StoredExperiment(key, design, ExperimentState.Draft, null, null, null, null, 1, now, now);
        return Reloaded(database.Write(
            async tx => await Check(tx, key, design) is { } problem ? problem : await StoredExperiments.Create(tx, experiment, userId),
            ct), ct);
    }

    /// <param name="seen">The version that the admin saw; null for any.</param>
    /// <param name="mark">Here and below: of somebody else's wish that may be replaced.</param>
    public Task<Outcome<StoredExperiment>> Change(
        string key, ExperimentRequest asked, long? seen, string userId, string? mark, CancellationToken ct) => Run(
        key, userId, mark,
        async (tx, before) => seen is not null && seen != before.Version ? Changed
            : await Designed(tx, before, before.Design.With(asked)), ct);

    public Task<Outcome<StoredExperiment>> RollBack(string key, long version, string userId, string? mark, CancellationToken ct) =>
        Run(key, userId, mark, async (tx, before) =>
            await StoredExperiments.RevisionOf(tx, key, version) is { } json
                ? await Designed(tx, before, Design.Read(json))
                : RevisionUnknown, ct);

    public Task<Outcome<StoredExperiment>> Start(string key, string userId, string? mark, CancellationToken ct) =>
        Run(key, userId, mark, async (tx, before) =>
        {
            if (before.State == ExperimentState.Running) return before;
            if (before.State != ExperimentState.Draft) return WrongState;
            // A rule that was right when it was written may be so no more.
            if (await CheckStart(tx, before) is { } problem) return problem;
            return before with { State = ExperimentState.Running };
        }, ct);

    /// <param name="decision">The variation that all are shown from now on; null for the control.</param>
    public Task<Outcome<StoredExperiment>> Stop(string key, string? decision, string userId, string? mark, CancellationToken ct) =>
        Run(key, userId, mark, (_, before) =>
        {
            Outcome<StoredExperiment> after = before.State is not (ExperimentState.Running or ExperimentState.Stopped) ? WrongState
                : decision is not null && before.Design.IndexOf(decision) < 0 ? NoSuchVariation
                : before with { State = ExperimentState.Stopped, Decision = decision };
            return Task.FromResult(after);
        }, ct);

    public Task<Outcome<StoredExperiment>> Archive(string key, string userId, CancellationToken ct) =>
        Run(key, userId, null, async (tx, before) =>
        {
            if (before.State == ExperimentState.Running) return WrongState;
            if (before.State == ExperimentState.Archived) return before;
            var named = await StoredExperiments.WidgetsOf(tx, key);
            if (named.Count > 0) return InUse.With("widgets", named.ConvertAll(widget => widget.Key));
            return before with { State = ExperimentState.Archived };
        }, ct);

    /// <summary>Agrees to what another admin wishes.</summary>
    /// <param name="mark">Of the wish that they have read.</param>
    public Task<Outcome<StoredExperiment>> Approve(string key, string userId, string? mark, CancellationToken ct) => Written(
        key, userId, async (tx, before) =>
        {
            if (before.Proposal is not { } wish) return NothingWaits;
            if (Approval.CannotAgree(wish, userId, mark) is { } refusal) return refusal;
            var after = Dated(before, before.Wished(wish.Json) with { Proposal = null });
            // It may have been stopped meanwhile.
            if (after.State != before.State
                && (before.State, after.State) is not ((ExperimentState.Draft, ExperimentState.Running)
                    or (ExperimentState.Running, ExperimentState.Stopped))) return WrongState;
            var starts = before.State == ExperimentState.Draft && after.State == ExperimentState.Running;
            return (starts ? await CheckStart(tx, after) : await Check(tx, key, after.Design)) is { } problem ? problem : after;
        }, ct);

    /// <summary>What waits is dropped, by whoever wished it or by somebody else; what runs stays as it is.</summary>
    /// <param name="mark">Null for whatever waits.</param>
    public Task<Outcome<StoredExperiment>> Refuse(string key, string userId, string? mark, CancellationToken ct) => Written(
        key, userId, (_, before) => Task.FromResult<Outcome<StoredExperiment>>(
            Approval.CannotRefuse(before.Proposal, mark) is { } problem ? problem : before with { Proposal = null }), ct);

    private async Task<Outcome<StoredExperiment>> Designed(Tx tx, StoredExperiment before, Design after)
    {
        if (before.State is ExperimentState.Stopped or ExperimentState.Archived) return WrongState;
        if (before.State == ExperimentState.Running && ExperimentRules.Locked(before.Design, after) is { } locked) return locked;
        return await Check(tx, before.Key, after) is { } problem ? problem : before with { Design = after };
    }

    private Task<Outcome<StoredExperiment>> Run(
        string key, string userId, string? mark, Func<Tx, StoredExperiment, Task<Outcome<StoredExperiment>>> change,
        CancellationToken ct) => Written(key, userId, async (tx, before) =>
        {
            var (after, problem) = await change(tx, before);
            return problem is not null ? problem : await Decide(tx, before, Dated(before, after!), userId, mark);
        }, ct);

    private Task<Outcome<StoredExperiment>> Written(
        string key, string userId, Func<Tx, StoredExperiment, Task<Outcome<StoredExperiment>>> change, CancellationToken ct) => Reloaded(
        database.Write(tx => StoredExperiments.Change(tx, key, userId, before => change(tx, before), time), ct), ct);

    /// <summary>What would change what people are shown waits where two have to agree; to take something off, one is enough.</summary>
    private async Task<Outcome<StoredExperiment>> Decide(
        Tx tx, StoredExperiment before, StoredExperiment after, string userId, string? mark)
    {
        if (after.Json == before.Json) return before;
        if (before.State == ExperimentState.Running && after is { State: ExperimentState.Stopped, Decision: null })
            return after with { Proposal = Approval.Others(before.Proposal, userId) };
        if (Approval.CannotReplace(before.Proposal, userId, mark) is { } problem) return problem;
        return await IsNeeded(tx, before, after)
            ? before with { Proposal = new(userId, after.Json) }
            : after with { Proposal = null };
    }

    private async Task<bool> IsNeeded(Tx tx, StoredExperiment before, StoredExperiment after)
    {
        var isShown = after.State == ExperimentState.Running || after is { State: ExperimentState.Stopped, Decision: not null };
        return approval.IsNeeded(
            before.Design.Team, after.Design.Team, isShown, isShown ? await StoredExperiments.TeamsMovedBy(tx, before.Key) : []);
    }

    private StoredExperiment Dated(StoredExperiment before, StoredExperiment after) => after.State switch
    {
        _ when after.State == before.State => after,
        ExperimentState.Running => after with { StartedAt = time.NowMs() },
        ExperimentState.Stopped => after with { StoppedAt = time.NowMs() },
        ExperimentState.Archived => after with { ArchivedAt = time.NowMs() },
        _ => after,
    };

    private async Task<Problem?> CheckStart(Tx tx, StoredExperiment one) =>
        await Check(tx, one.Key, one.Design)
        ?? ExperimentRules.CannotReach(one.Design, StoredExperiments.ShownIn(await StoredExperiments.WidgetsOf(tx, one.Key)));

    private async Task<Problem?> Check(Tx tx, string key, Design design)
    {
        var others = (await StoredExperiments.Live(tx)).ToDictionary(one => one.Key, StringComparer.Ordinal);
        return ExperimentRules.Check(key, design, others, models.Current.Vocabulary, _goals);
    }

    private async Task<Outcome<StoredExperiment>> Reloaded(Task<Outcome<StoredExperiment>> written, CancellationToken ct)
    {
        var outcome = await written;
        if (outcome.Problem is null) await models.Reload(ct);
        return outcome;
    }
}

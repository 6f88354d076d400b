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
    public Task<Outcome<StoredExperiment>> Change(string key, ExperimentRequest asked, long? seen, string userId, CancellationToken ct) =>
        Run(key, userId, seen, (tx, before) => Designed(tx, before, before.Design.With(asked)), ct);

    public Task<Outcome<StoredExperiment>> RollBack(string key, long version, string userId, CancellationToken ct) =>
        Run(key, userId, null, async (tx, before) =>
            await StoredExperiments.RevisionOf(tx, key, version) is { } json
                ? await Designed(tx, before, Design.Read(json))
                : RevisionUnknown, ct);

    public Task<Outcome<StoredExperiment>> Start(string key, string userId, CancellationToken ct) =>
        Run(key, userId, null, async (tx, before) =>
        {
            if (before.State == ExperimentState.Running) return before;
            if (before.State != ExperimentState.Draft) return WrongState;
            // A rule that was right when it was written may be so no more.
            if (await CheckStart(tx, before) is { } problem) return problem;
            return before with { State = ExperimentState.Running };
        }, ct);

    /// <param name="decision">The variation that all are shown from now on; null for the control.</param>
    public Task<Outcome<StoredExperiment>> Stop(string key, string? decision, string userId, CancellationToken ct) =>
        Run(key, userId, null, (_, before) =>
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
            if (named.Count > 0) return InUse.With("widgets", named);
            return before with { State = ExperimentState.Archived };
        }, ct);

    /// <summary>Agrees to what another admin wishes.</summary>
    public Task<Outcome<StoredExperiment>> Approve(string key, string userId, CancellationToken ct) => Reloaded(database.Write(
        tx => StoredExperiments.Change(tx, key, userId, async before =>
        {
            if (before.Proposal is not { } wish) return NothingWaits;
            var after = Dated(before, before.Wished(wish.Json) with { Proposal = null });
            if (wish.UserId == userId && await IsNeeded(tx, before, after)) return Approval.SecondPersonNeeded;
            var starts = before.State == ExperimentState.Draft && after.State == ExperimentState.Running;
            return (starts ? await CheckStart(tx, after) : await Check(tx, key, after.Design)) is { } problem ? problem : after;
        }, time), ct), ct);

    private async Task<Outcome<StoredExperiment>> Designed(Tx tx, StoredExperiment before, Design after)
    {
        if (before.State is ExperimentState.Stopped or ExperimentState.Archived) return WrongState;
        if (before.State == ExperimentState.Running && ExperimentRules.Locked(before.Design, after) is { } locked) return locked;
        return await Check(tx, before.Key, after) is { } problem ? problem : before with { Design = after };
    }

    private Task<Outcome<StoredExperiment>> Run(
        string key, string userId, long? seen, Func<Tx, StoredExperiment, Task<Outcome<StoredExperiment>>> change, CancellationToken ct) =>
        Reloaded(database.Write(
            tx => StoredExperiments.Change(tx, key, userId, async before =>
            {
                if (seen is not null && seen != before.Version) return Changed;
                var (after, problem) = await change(tx, before);
                return problem is not null ? problem : await Decide(tx, before, Dated(before, after!), userId);
            }, time), ct), ct);

    /// <summary>What would change what people are shown waits where two have to agree; to take something off, one is enough.</summary>
    private async Task<StoredExperiment> Decide(Tx tx, StoredExperiment before, StoredExperiment after, string userId)
    {
        if (!await IsNeeded(tx, before, after)) return after with { Proposal = null };
        var wish = after with { Proposal = null };
        return wish.Json == (before with { Proposal = null }).Json ? before : before with { Proposal = new(userId, wish.Json) };
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
        await Check(tx, one.Key, one.Design) ?? await StoredExperiments.CannotReach(tx, one.Key, one.Design);

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

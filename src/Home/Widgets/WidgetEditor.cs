using System.Text;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Home.Experiments;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Home.Simulation;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Widgets;

/// <summary>The way of every change by an admin: checked, agreed to where two have to, stored, and in the next feed.</summary>
internal sealed class WidgetEditor(
    Database database, WidgetTypes types, FeedModels models, Approval approval, Simulator simulator, TimeProvider time)
{
    public static readonly Problem TypeUnknown = new(422, "widget-type-unknown", "There is no such type of widget.");

    public Task<Outcome<Widget>> Create(
        Widget widget, string userId, Func<Tx, Widget, Task<Outcome<Widget>>> check, CancellationToken ct) => Written(
        async (tx, reach) =>
        {
            var (wished, problem) = await check(tx, widget);
            if (problem is not null) return problem;
            // The key of what another team has put away would be that team's widget with another's content.
            if (await StoredWidgets.ByKeyToChange(tx, wished!.Key) is { State: WidgetSettings.WidgetState.Archived } old
                && approval.IsNeeded(old.Target.Team, wished.Target.Team, isShown: false)) return StoredWidgets.KeyTaken;
            var draft = wished with { State = WidgetSettings.WidgetState.Draft };
            var (decided, refusal) = await approval.Decide(tx, draft, wished, userId, null, reach);
            return refusal is not null ? refusal : await StoredWidgets.Create(tx, decided!, userId);
        }, ct);

    /// <param name="mark">Of somebody else's wish that may be replaced.</param>
    public Task<Outcome<Widget>> Change(
        string id, string userId, string? mark, Func<Tx, Widget, Task<Outcome<Widget>>> change, CancellationToken ct) => Changed(
        id, userId,
        async (tx, before, reach) =>
        {
            var (wished, problem) = await change(tx, before);
            return problem is not null ? problem : await approval.Decide(tx, before, wished!, userId, mark, reach);
        }, ct);

    /// <summary>Shows it, or what another admin wishes to be shown of it.</summary>
    /// <param name="mark">Of the wish that the admin has read; null where they saw none.</param>
    public Task<Outcome<Widget>> Publish(string id, string userId, string? mark, CancellationToken ct) => Changed(
        id, userId, (tx, before, reach) => approval.Publish(tx, before, userId, mark, reach, CheckedAgain), ct);

    /// <summary>What waits is dropped, by whoever wished it or by somebody else; what is shown stays.</summary>
    /// <param name="mark">Null for whatever waits.</param>
    public Task<Outcome<Widget>> Refuse(string id, string userId, string? mark, CancellationToken ct) => Changed(
        id, userId,
        (_, before, _) => Task.FromResult<Outcome<Widget>>(
            Approval.CannotRefuse(before.Proposal, mark) is { } problem ? problem : before with { Proposal = null }), ct);

    private Task<Outcome<Widget>> Changed(
        string id, string userId, Func<Tx, Widget, Reach, Task<Outcome<Widget>>> decide, CancellationToken ct) => Written(
        (tx, reach) => StoredWidgets.Change(tx, id, userId, before => decide(tx, before, reach), time), ct);

    private async Task<Outcome<Widget>> Written(Func<Tx, Reach, Task<Outcome<Widget>>> write, CancellationToken ct)
    {
        var outcome = await Reach.Of(simulator, reach => database.Write(tx => write(tx, reach), ct));
        if (outcome.Problem is null) await models.Reload(ct);
        return outcome;
    }

    /// <summary>What was right when it was written: its type, its experiment and its segments may be gone.</summary>
    public Task<Outcome<Widget>> CheckedAgain(Tx tx, Widget widget) => Checked(
        tx, widget, widget.Content is null ? null : JsonElement.Parse(widget.Content), widget.Target.Rule, widget.Target.Fallback);

    /// <summary>The widget with the parts of a request that have rules of their own; what is null stays as it is.</summary>
    public async Task<Outcome<Widget>> Checked(Tx tx, Widget widget, JsonElement? content, JsonElement? rule, JsonElement? fallback)
    {
        if (await types.Find(tx, widget.Type) is not { } type) return TypeUnknown;
        if (await StoredExperiments.CannotShow(tx, widget.Target.Experiment) is { } unfit) return unfit;
        if (content is { } written)
        {
            var (json, problem) = WidgetContent.Read(written, type);
            if (problem is not null) return problem;
            widget = widget with { Content = Encoding.UTF8.GetString(json!) };
        }

        if (rule is { } condition)
        {
            if (RuleBook.Check(condition, models.Current.Vocabulary) is { } problem) return problem;
            widget = widget with { Target = widget.Target with { Rule = Targeting.NullWhenEmpty(condition) } };
        }

        if (fallback is { } instead)
        {
            var some = Targeting.NullWhenEmpty(instead);
            if (some is { } shown && WidgetContent.Read(shown, type).Problem is { } problem) return problem;
            widget = widget with { Target = widget.Target with { Fallback = some } };
        }

        return widget;
    }
}

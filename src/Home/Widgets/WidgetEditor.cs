using System.Text;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Home.Experiments;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Home.Widgets.Types;

namespace Kontor.Home.Widgets;

/// <summary>The way of every change by an admin: checked, agreed to where two have to, stored, and in the next feed.</summary>
internal sealed class WidgetEditor(Database database, WidgetTypes types, FeedModels models, Approval approval, TimeProvider time)
{
    public static readonly Problem TypeUnknown = new(422, "widget-type-unknown", "There is no such type of widget.");

    public async Task<Outcome<Widget>> Create(
        Widget widget, string userId, Func<Tx, Widget, Task<Outcome<Widget>>> check, CancellationToken ct) => await Reloaded(
        await database.Write(
            async tx =>
            {
                var (wished, problem) = await check(tx, widget);
                if (problem is not null) return problem;
                // The key of what another team has put away would be that team's widget with another's content.
                if (await StoredWidgets.ByKey(tx, wished!.Key) is { State: WidgetSettings.WidgetState.Archived } old
                    && approval.IsNeeded(old.Target.Team, wished.Target.Team, isShown: false)) return StoredWidgets.KeyTaken;
                var draft = wished with { State = WidgetSettings.WidgetState.Draft };
                var decided = approval.Decide(draft, wished, userId);
                return await StoredWidgets.Create(tx, decided, userId);
            }, ct), ct);

    public async Task<Outcome<Widget>> Change(
        string id, string userId, Func<Tx, Widget, Task<Outcome<Widget>>> change, CancellationToken ct) => await Reloaded(
        await database.Write(
            tx => StoredWidgets.Change(tx, id, userId, async before =>
            {
                var (wished, problem) = await change(tx, before);
                return problem is not null ? problem : approval.Decide(before, wished!, userId);
            }, time), ct), ct);

    /// <summary>Shows it, or what another admin wishes to be shown of it.</summary>
    /// <param name="seen">The mark of the wish that the admin saw; null agrees to whatever waits.</param>
    public Task<Outcome<Widget>> Publish(string id, string userId, string? seen, CancellationToken ct) => Decided(
        id, userId, before => seen is not null && before.Proposal?.Mark != seen ? StoredWidgets.Changed : approval.Publish(before, userId),
        ct);

    /// <summary>What waits is dropped, by whoever wished it or by somebody else; what is shown stays.</summary>
    public Task<Outcome<Widget>> Refuse(string id, string userId, CancellationToken ct) =>
        Decided(id, userId, before => before with { Proposal = null }, ct);

    private async Task<Outcome<Widget>> Decided(
        string id, string userId, Func<Widget, Outcome<Widget>> decide, CancellationToken ct) => await Reloaded(
        await database.Write(tx => StoredWidgets.Change(tx, id, userId, before => Task.FromResult(decide(before)), time), ct), ct);

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

    private async Task<Outcome<Widget>> Reloaded(Outcome<Widget> outcome, CancellationToken ct)
    {
        if (outcome.Problem is null) await models.Reload(ct);
        return outcome;
    }
}

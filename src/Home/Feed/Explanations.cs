using System.Text.Json;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Experiments;
using Kontor.Home.Ranking;
using Kontor.Home.Rules;
using Kontor.Home.Sources;
using static Kontor.Home.Feed.ExplainHome;

namespace Kontor.Home.Feed;

/// <summary>Works out for each widget of a model why a reader is shown it or not.</summary>
internal sealed class Explanations(ContentStates contents, FeedOrders orders)
{
    /// <param name="caller">Who wants to know; an admin is told of all widgets.</param>
    public async Task<IReadOnlyList<ExplainedWidget>> Of(
        FeedModel model, Reader reader, CurrentUser caller, long now, CancellationToken ct)
    {
        var projection = Projection.Of(model, reader, now);
        var gates = projection.ForAnyGate(reader.User);
        var stateOf = await contents.Of(reader.User, caller.IsAdmin, ct);
        var judged = model.Widgets.Select(one => one.For(projection)).Select(one =>
        {
            var (shown, content) = stateOf(one);
            var verdict = model.Judge(one, projection);
            if (verdict == Verdict.Shown && (shown is null || model.FormOf(one, projection)!.Of(shown).Content is null))
                verdict = Verdict.NothingToShow;
            return (One: one, Verdict: verdict, Content: content, Rendering: ExplainedRendering.Of(model, one, projection, shown));
        }).ToList();
        var ranked = ExplainedScore.Of(await orders.Explain(
            [.. judged.Where(one => one.Verdict == Verdict.Shown).Select(one => one.One.Candidate)], reader.User, ct));
        // What a gate forbids is not even named to those it keeps out.
        var told = judged.Where(one => caller.IsAdmin || one.Verdict is not (Verdict.NotPublished or Verdict.Gate));
        var attributes = JsonElement.Parse(reader.Attributes(model.Rules.Reads));
        var maySeeAll = reader.User is null || TracePrivacy.MaySee(caller, reader.User.Id);
        return [.. told.Select(one => View(
            one.One, ranked.TryGetValue(one.One.Widget.Id, out var rank) ? rank : (one.Verdict, null, null), gates.Passes(one.One.Widget),
            RuleOf(model, one.One, projection, caller.IsAdmin ? attributes : null, maySeeAll),
            one.Content, one.Rendering, ExplainedExperiment.Of(one.One, model.Experiments, reader, now)))];
    }

    private static ExplainedRule? RuleOf(FeedModel model, FeedWidget one, Projection projection, JsonElement? attributes, bool maySeeAll)
    {
        if (one.Rule < 0) return null;
        var passes = projection.Answers[one.Rule] == RuleBook.Yes;
        if (attributes is not { } seen) return new(passes, null, null);
        var trace = model.Rules.Explain(one.Rule, seen);
        return new(
            passes, maySeeAll || trace is null ? trace : TracePrivacy.WithoutSensitive(trace, model.Vocabulary),
            model.Rules.ProblemOf(one.Rule) is { } problem ? Vocabulary.FaultsOf(problem) : []);
    }

    private static ExplainedWidget View(
        FeedWidget one, (Verdict Verdict, int? Position, ExplainedScore? Score) ranked, bool passes, ExplainedRule? rule,
        ExplainedContent content, ExplainedRendering rendering, ExplainedExperiment? experiment)
    {
        var widget = one.Widget;
        return new(
            widget.Id, widget.Key, widget.Type.Key, widget.Type.Version, widget.Source, widget.Priority, ranked.Verdict,
            ranked.Position,
            new(widget.Roles, widget.Target.Assurance, passes),
            new(widget.StartsAt?.ToTime(), widget.EndsAt?.ToTime(), widget.Target.Hours), rule, rendering.Type is not null, content,
            rendering, experiment, ranked.Score);
    }
}

using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Security;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Home.Simulation;
using Kontor.Ui;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontor.Home.Segments;

/// <summary>Reads what the pages of segments show.</summary>
internal sealed class SegmentPaging(Database database, FeedModels models, PersonFacts facts, Simulator simulator, Texts texts)
{
    private const int ShownPersonsMax = 100;

    /// <summary>As it is stored.</summary>
    public RuleForms.Form RuleOf(string key)
    {
        var vocabulary = models.Current.Vocabulary;
        return RuleForms.Of(vocabulary.Segments.FirstOrDefault(one => one.Key == key)?.Rule, vocabulary, texts);
    }

    public RuleForms.Form Read(IFormCollection form) => RuleForms.Read(form, models.Current.Vocabulary, texts);

    public async Task<RazorComponentResult> RenderList(SegmentPages.Typed typed, Problem? problem, CancellationToken ct)
    {
        var model = models.Current;
        var segments = await database.Read(
            async tx =>
            {
                var views = new List<SegmentView>();
                foreach (var segment in await StoredSegments.All(tx)) views.Add(await ManageSegments.View(tx, segment, model, simulator));
                return views;
            }, ct);
        return Pages.Render<SegmentsPage>(
            new { Segments = segments, Typed = typed, Problem = problem, Broken = BrokenIn(model) }, problem?.Status ?? 200);
    }

    /// <summary>Null when there is no such segment.</summary>
    /// <param name="form">What was typed and is only looked at: it is tried, and simulated where that is asked for.</param>
    public async Task<RazorComponentResult?> Render(
        string key, RuleForms.Form rule, CurrentUser user, Problem? problem, CancellationToken ct, IFormCollection? form = null,
        bool isSaved = false)
    {
        var model = models.Current;
        var (view, persons) = await database.Read(
            async tx => (await StoredSegments.All(tx)).Find(one => one.Key == key) is { } found
                ? (await ManageSegments.View(tx, found, model, simulator), await StoredMembers.Page(tx, key, "", ShownPersonsMax))
                : (null, []), ct);
        if (view is null) return null;
        var trial = form is null ? RuleTrials.Trial.Blank : await RuleTrials.Read(form, rule.Rule, model.Vocabulary, facts, user, ct);
        var effect = form?["rule-look"].ToString() == "simulate" && rule is { IsGood: true, Rule: { } draft }
            ? SimulateFeed.OfSegment(model.Vocabulary, key, draft, simulator)
            : null;
        var wished = view.Proposal is { } wish ? SimulateFeed.OfSegment(model.Vocabulary, key, wish.Rule, simulator) : null;
        return Pages.Render<SegmentPage>(
            new
            {
                Segment = view,
                Rule = rule,
                Trial = trial,
                Persons = persons,
                Add = form?["add"].ToString() ?? "",
                Remove = form?["remove"].ToString() ?? "",
                Effect = effect?.Value,
                WishEffect = wished?.Value,
                Problem = problem ?? effect?.Problem,
                IsSaved = isSaved,
                IsMine = view.Proposal?.UserId == user.Id,
            },
            problem?.Status ?? 200);
    }

    /// <summary>What is hidden because its rule cannot be evaluated.</summary>
    private static IReadOnlyList<SegmentPages.Broken> BrokenIn(FeedModel model) =>
    [
        .. model.Widgets.Where(one => one.Rule >= 0).Select(one => (one.Widget.Key, Problem: model.Rules.ProblemOf(one.Rule)))
            .Where(one => one.Problem is not null)
            .Select(one => new SegmentPages.Broken($"widget {one.Key}", string.Join("; ", Vocabulary.FaultsOf(one.Problem!)))),
        .. model.Vocabulary.Segments.Select(one => (one.Key, model.Vocabulary.Segment(one.Key)?.Problem))
            .Where(one => one.Problem is not null).Select(one => new SegmentPages.Broken($"segment {one.Key}", one.Problem!)),
    ];
}

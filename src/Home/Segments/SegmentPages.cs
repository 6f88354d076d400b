using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Home.Attributes;
using Kontor.Home.Feed;
using Kontor.Home.Rules;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Segments;

/// <summary>An admin makes groups of persons, by rules that are built from rows or by lists, and tries them on somebody.</summary>
public static class SegmentPages
{
    private const int ShownPersonsMax = 100;

    private static readonly Problem Invalid = new(400, "validation-failed", "Please check what you entered.");

    /// <summary>As the form of a new segment sends it; what was typed is shown again when it is refused.</summary>
    public sealed record Typed(string Key, string Title, string Kind)
    {
        internal static Typed Blank { get; } = new("", "", "rule");
    }

    /// <summary>A rule that hides what names it.</summary>
    /// <param name="Where">`widget shop.deals`.</param>
    public sealed record Broken(string Where, string Fault);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/", List);
        pages.MapPost("/", Create);
        pages.MapGet("/{key}", Show);
        pages.MapPost("/{key}", Save);
        pages.MapPost("/{key}/delete", Delete);
    }

    private static async Task<RazorComponentResult> List(Database database, FeedModels models, CancellationToken ct) =>
        await RenderList(database, models, Typed.Blank, null, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Create(
        IFormCollection form, SegmentEditor editor, Database database, FeedModels models, TimeProvider time, CancellationToken ct)
    {
        var typed = new Typed(form["key"].ToString().Trim(), form["title"].ToString().Trim(), form["kind"].ToString());
        var request = new ManageSegments.Request(typed.Key, typed.Title, typed.Kind == "list" ? null : JsonElement.Parse("{}"));
        if (!IsValid(request)) return await RenderList(database, models, typed, Invalid, ct);
        var now = time.NowMs();
        var segment = new Segment(request.Key, request.Title, request.Rule, request.Priority, 1, null, null, now, now);
        var (_, problem) = await editor.Create(segment, [], ct);
        return problem is null
            ? TypedResults.LocalRedirect($"/admin/segments/{typed.Key}")
            : await RenderList(database, models, typed, problem, ct);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string key, string? saved, Database database, FeedModels models, Texts texts, CancellationToken ct)
    {
        var rule = models.Current.Vocabulary.Segments.FirstOrDefault(one => one.Key == key)?.Rule;
        var form = RuleForms.Of(rule, models.Current.Vocabulary, texts);
        return await Render(key, form, RuleTrials.Trial.Blank, null, database, models, ct, isSaved: saved is not null);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Save(
        string key, IFormCollection form, CurrentUser user, SegmentEditor editor, FeedModels models, PersonFacts facts, Database database,
        Texts texts, CancellationToken ct)
    {
        var rule = RuleForms.Read(form, models.Current.Vocabulary, texts);
        var trial = await RuleTrials.Read(form, rule.Rule, models.Current.Vocabulary, facts, user, ct);
        Problem? problem = null;
        if (!RuleForms.IsLook(form))
        {
            var isList = form.ContainsKey("add");
            var change = new ManageSegments.Change(
                form["title"].ToString().Trim(), isList ? null : rule.Rule, null, isList ? Ids(form["add"]) : null,
                isList ? Ids(form["remove"]) : null,
                long.TryParse(form["priority"], NumberStyles.None, CultureInfo.InvariantCulture, out var priority) ? priority : -1);
            (_, problem) = !IsValid(change) || (!isList && rule.Rule is null)
                ? new(null, Invalid)
                : await editor.Change(key, (tx, before) => ManageSegments.Altered(tx, before, change), ct);
            if (problem is null) return TypedResults.LocalRedirect($"/admin/segments/{key}?saved=1");
        }

        var page = await Render(key, rule, trial, problem, database, models, ct);
        return page.Result is RazorComponentResult shown ? shown : StoredSegments.Unknown.ToResult();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Delete(
        string key, SegmentEditor editor, Database database, FeedModels models, Texts texts, CancellationToken ct)
    {
        if (await editor.Delete(key, ct) is not { } problem) return TypedResults.LocalRedirect("/admin/segments");
        var rule = models.Current.Vocabulary.Segments.FirstOrDefault(one => one.Key == key)?.Rule;
        var page = await Render(
            key, RuleForms.Of(rule, models.Current.Vocabulary, texts), RuleTrials.Trial.Blank, problem, database, models, ct);
        return page.Result is RazorComponentResult shown ? shown : StoredSegments.Unknown.ToResult();
    }

    private static bool IsValid(object request) =>
        Validator.TryValidateObject(request, new ValidationContext(request), null, validateAllProperties: true);

    private static string[] Ids(string? text) => (text ?? "").Split(
        (char[])[' ', ',', ';', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static async Task<RazorComponentResult> RenderList(
        Database database, FeedModels models, Typed typed, Problem? problem, CancellationToken ct)
    {
        var model = models.Current;
        var segments = await database.Read(
            async tx =>
            {
                var views = new List<SegmentView>();
                foreach (var segment in await StoredSegments.All(tx)) views.Add(await ManageSegments.View(tx, segment, model));
                return views;
            }, ct);
        return Pages.Render<SegmentsPage>(
            new { Segments = segments, Typed = typed, Problem = problem, Broken = BrokenIn(model) }, problem?.Status ?? 200);
    }

    /// <summary>What is hidden because its rule cannot be evaluated.</summary>
    internal static IReadOnlyList<Broken> BrokenIn(FeedModel model) =>
    [
        .. model.Widgets.Where(one => one.Rule >= 0).Select(one => (one.Widget.Key, Problem: model.Rules.ProblemOf(one.Rule)))
            .Where(one => one.Problem is not null)
            .Select(one => new Broken($"widget {one.Key}", string.Join("; ", Vocabulary.FaultsOf(one.Problem!)))),
        .. model.Vocabulary.Segments.Select(one => (one.Key, model.Vocabulary.Segment(one.Key)?.Problem))
            .Where(one => one.Problem is not null).Select(one => new Broken($"segment {one.Key}", one.Problem!)),
    ];

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Render(
        string key, RuleForms.Form rule, RuleTrials.Trial trial, Problem? problem, Database database, FeedModels models,
        CancellationToken ct, bool isSaved = false)
    {
        var (view, persons) = await database.Read(
            async tx => (await StoredSegments.All(tx)).Find(one => one.Key == key) is { } found
                ? (await ManageSegments.View(tx, found, models.Current), await StoredMembers.Page(tx, key, "", ShownPersonsMax))
                : (null, []), ct);
        if (view is null) return StoredSegments.Unknown.ToResult();
        return Pages.Render<SegmentPage>(
            new { Segment = view, Rule = rule, Trial = trial, Persons = persons, Problem = problem, IsSaved = isSaved },
            problem?.Status ?? 200);
    }
}

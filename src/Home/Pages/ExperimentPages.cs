using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Experiments;
using Kontor.Home.Widgets;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using static Kontor.Home.Experiments.ExperimentSettings;

namespace Kontor.Home;

/// <summary>Admins see all experiments and what each has shown, write them, and start, stop and decide them.</summary>
public static class ExperimentPages
{
    private static readonly Problem Invalid = new(422, "experiment-invalid", "Please check what you entered.");

    /// <param name="Decision">The name of the variation that was chosen.</param>
    public sealed record Row(string Key, string Name, string Team, ExperimentState State, string? Decision, int Variations, bool Waits);

    /// <summary>What waits for a second admin.</summary>
    /// <param name="Who">Null for nobody, or nobody any more.</param>
    /// <param name="IsMine">Then somebody else has to agree.</param>
    /// <param name="Mark">Names what was read, for who agrees.</param>
    public sealed record Waiting(string? Who, bool IsMine, string Mark, IReadOnlyList<WidgetHistory.Change> Changes);

    /// <summary>A widget of the experiment.</summary>
    /// <param name="Variations">Their names.</param>
    public sealed record Part(string Id, string Key, string Title, string Variations, WidgetSettings.WidgetState State, bool Waits);

    internal static void Map(RouteGroupBuilder pages)
    {
        var admin = pages.MapGroup("/admin").RequireAuthorization(Policies.Admin);
        admin.MapGet("/experiments", ShowList);
        admin.MapGet("/new-experiment", New);
        admin.MapPost("/new-experiment", Create);
        admin.MapGet("/experiments/{key}", Show);
        admin.MapGet("/experiments/{key}/edit", Edit);
        admin.MapPost("/experiments/{key}/edit", Change);
        admin.MapPost("/experiments/{key}/start", Start);
        admin.MapPost("/experiments/{key}/stop", Stop);
        admin.MapPost("/experiments/{key}/approve", Approve);
        admin.MapPost("/experiments/{key}/refuse", Refuse);
        admin.MapPost("/experiments/{key}/archive", Archive);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowList(
        Database database, string? state, string? waiting, string? cursor, CancellationToken ct)
    {
        if (state is not (null or "" or "draft" or "running" or "stopped" or "archived")) state = null;
        var after = cursor is null ? null : Paging.Decode(cursor, 1)?[0];
        if (cursor is not null && after is null) return Paging.CursorInvalid.ToResult();
        var isWaiting = waiting == "true";
        var (found, count) = await database.Snapshot(
            async tx => (
                await StoredExperiments.Page(tx, state is "" ? null : state, after, Paging.LimitDefault + 1, isWaiting),
                await StoredExperiments.Waiting(tx)), ct);
        var page = found.Take(Paging.LimitDefault).ToList();
        return Pages.Render<ExperimentsPage>(new
        {
            Rows = page.Select(one => new Row(
                one.Key, one.Design.Name, one.Design.Team, one.State,
                one.Design.Variations.FirstOrDefault(variation => variation.Key == one.Decision)?.Name, one.Design.Variations.Count,
                one.Proposal is not null)).ToList(),
            Waiting = (int)count,
            IsWaiting = isWaiting,
            Next = found.Count > page.Count ? Paging.Encode(page[^1].Key) : null,
        });
    }

    private static RazorComponentResult New(ExperimentDesk desk) => desk.Render(null, desk.Blank(), null);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Create(
        IFormCollection typed, CurrentUser user, ExperimentEditor editor, ExperimentDesk desk, CancellationToken ct)
    {
        var form = desk.Read(typed);
        if (ExperimentDesk.IsLook(typed)) return desk.Render(null, form, null);
        var errors = new Dictionary<string, string[]>();
        var request = form.Read(errors);
        if (!ExperimentRules.IsKey(form.Key)) errors["key"] = ["Lower case letters and digits, with dashes between them."];
        if (errors.Count > 0) return desk.Render(null, form, Invalid.With("errors", errors));
        var (created, problem) = await editor.Create(form.Key, request, user.Id, ct);
        if (problem is null) return TypedResults.LocalRedirect(AddressOf(created!.Key));
        if (problem == StoredExperiments.KeyTaken)
            problem = problem.With("errors", new Dictionary<string, string[]> { ["key"] = [problem.Title] });
        return desk.Render(null, form, problem);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string key, CurrentUser user, Database database, WidgetEditing people, CancellationToken ct) =>
        await Page(key, user, database, people, null, ct) is { } page ? page : StoredExperiments.Unknown.ToResult();

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Edit(
        string key, Database database, ExperimentDesk desk, CancellationToken ct) =>
        await database.Read(tx => StoredExperiments.Find(tx, key), ct) is { } experiment
            ? desk.Render(experiment, desk.Of(experiment), null)
            : StoredExperiments.Unknown.ToResult();

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Change(
        string key, IFormCollection typed, CurrentUser user, Database database, ExperimentEditor editor, ExperimentDesk desk,
        CancellationToken ct)
    {
        if (await database.Read(tx => StoredExperiments.Find(tx, key), ct) is not { } before) return StoredExperiments.Unknown.ToResult();
        var form = desk.Read(typed);
        if (ExperimentDesk.IsLook(typed)) return desk.Render(before, form, null);
        var errors = new Dictionary<string, string[]>();
        var request = form.Read(errors);
        if (errors.Count > 0) return desk.Render(before, form, Invalid.With("errors", errors));
        var seen = long.TryParse(form.Version, out var version) ? version : before.Version;
        var (_, problem) = await editor.Change(key, request, seen, user.Id, null, ct);
        return problem is null ? TypedResults.LocalRedirect(AddressOf(key)) : desk.Render(before, form, problem);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Start(
        string key, CurrentUser user, Database database, ExperimentEditor editor, WidgetEditing people,
        CancellationToken ct) =>
        await Answer(key, await editor.Start(key, user.Id, null, ct), user, database, people, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Stop(
        string key, [FromForm] string? decision, CurrentUser user, Database database, ExperimentEditor editor, WidgetEditing people,
        CancellationToken ct) =>
        await Answer(key, await editor.Stop(key, string.IsNullOrEmpty(decision) ? null : decision, user.Id, null, ct), user, database,
            people, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Approve(
        string key, [FromForm] string? mark, CurrentUser user, Database database, ExperimentEditor editor, WidgetEditing people,
        CancellationToken ct) =>
        await Answer(key, await editor.Approve(key, user.Id, mark, ct), user, database, people, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Refuse(
        string key, [FromForm] string? mark, CurrentUser user, Database database, ExperimentEditor editor, WidgetEditing people,
        CancellationToken ct) =>
        await Answer(key, await editor.Refuse(key, user.Id, mark, ct), user, database, people, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Archive(
        string key, CurrentUser user, Database database, ExperimentEditor editor, WidgetEditing people,
        CancellationToken ct) =>
        await Answer(key, await editor.Archive(key, user.Id, ct), user, database, people, ct);

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Answer(
        string key, Outcome<StoredExperiment> outcome, CurrentUser user, Database database, WidgetEditing people, CancellationToken ct)
    {
        if (outcome.Problem is not { } problem) return TypedResults.LocalRedirect(AddressOf(key));
        return await Page(key, user, database, people, problem, ct) is { } page ? page : problem.ToResult();
    }

    /// <summary>Null when there is no such experiment.</summary>
    private static async Task<RazorComponentResult?> Page(
        string key, CurrentUser user, Database database, WidgetEditing people, Problem? problem, CancellationToken ct)
    {
        var found = await database.Snapshot(
            async tx =>
            {
                if (await StoredExperiments.Find(tx, key) is not { } one) return default;
                var widgets = await StoredExperiments.WidgetsOf(tx, key);
                return (One: one, Results: await Findings.Of(tx, one, widgets), Widgets: widgets);
            }, ct);
        return found.One is null ? null : Pages.Render<ExperimentPage>(
            new
            {
                Experiment = ExperimentView.Of(found.One),
                found.Results,
                Parts = found.Widgets.ConvertAll(widget => PartOf(widget, found.One.Design)),
                Empty = ExperimentRules.Empty(found.One.Design, StoredExperiments.ShownIn(found.Widgets)),
                Problem = problem,
                Waiting = found.One.Proposal is { } wish
                    ? new Waiting(await people.NameOf(wish.UserId, ct), wish.UserId == user.Id, wish.Mark, Changes(found.One, wish))
                    : null,
            },
            problem?.Status ?? 200);
    }

    private static Part PartOf(Widget widget, Design design) => new(
        widget.Id, widget.Key, widget.Title(Texts.Language),
        string.Join(", ", design.Variations.Where(one => widget.Target.Experiment?.Variations?.Contains(one.Key) == true)
            .Select(one => one.Name)),
        widget.State, widget.Proposal is not null);

    private static List<WidgetHistory.Change> Changes(StoredExperiment now, Proposal wish) =>
    [
        .. Revisions.Difference(now.Json, wish.Json).Where(change => change.Member is not ("startedAt" or "stoppedAt"))
            .Select(change => new WidgetHistory.Change(change.Member, change.Before, change.After)),
    ];

    private static string AddressOf(string key) => $"/admin/experiments/{Uri.EscapeDataString(key)}";
}

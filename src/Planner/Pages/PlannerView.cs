using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Planner.Phone;
using Kontor.Planner.Projects;
using Kontor.Ui;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontor.Planner;

/// <summary>Renders the page, as it is asked for and as the answer to a form that was refused.</summary>
internal sealed class PlannerView(Database database, SharedRows rows)
{
    /// <param name="ProjectId">Whose form it was; null for the one that begins a project.</param>
    /// <param name="Typed">It is shown again.</param>
    public sealed record Refusal(Problem Problem, string? ProjectId, string Typed);

    public async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        CurrentUser user, ShowPlanner.Query query, CancellationToken ct)
    {
        var (list, problem) = await Read(user, query, ct);
        return problem is null ? Pages.Render<PlannerPage>(await Parameters(user, list!, query, null, ct)) : problem.ToResult();
    }

    /// <summary>
    /// The page with the error beside its field. A project that has moved to another part of the list meanwhile is shown alone; a
    /// refusal that no other input would help is a page of its own.
    /// </summary>
    public async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Refuse(
        CurrentUser user, ShowPlanner.Query query, Refusal refusal, CancellationToken ct)
    {
        if (refusal.Problem.Status != StatusCodes.Status400BadRequest) return refusal.Problem.ToResult();
        var (list, problem) = await Read(user, query, ct);
        if (problem is null && refusal.ProjectId is { } id && !list!.Projects.Any(project => project.Id == id))
            (list, problem) = await Read(user, query = new() { Project = id }, ct);
        if (problem is not null) return problem.ToResult();
        return Pages.Render<PlannerPage>(await Parameters(user, list!, query, refusal, ct), refusal.Problem.Status);
    }

    private Task<Outcome<ListProjects.Response>> Read(CurrentUser user, ShowPlanner.Query query, CancellationToken ct) =>
        database.Snapshot(tx => ListProjects.Read(tx, user.Id, query), ct);

    private async Task<object> Parameters(
        CurrentUser user, ListProjects.Response list, ShowPlanner.Query query, Refusal? refusal, CancellationToken ct) => new
        {
            List = list,
            Query = query,
            rows.CanWrite,
            HistoryPage = rows.History?.Page,
            HasNotTaken = rows.History is { } history && await history.HasNotTaken(user.Id, ct),
            refusal?.Problem,
            refusal?.ProjectId,
            refusal?.Typed,
        };
}

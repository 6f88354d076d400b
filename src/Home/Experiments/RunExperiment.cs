using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Home.Widgets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Experiments;

/// <summary>
/// An admin starts an experiment, stops it with a decision, and puts it away. Where two have to agree, the first one's wish is kept (202)
/// until another agrees or refuses.
/// </summary>
public static class RunExperiment
{
    /// <param name="Decision">The key of the variation that all are shown from now on; the control when it is left out.</param>
    /// <param name="Mark">That of somebody else's proposal, which this may replace; without it that is 409 `wish-waits`.</param>
    public sealed record StopRequest([property: MaxLength(64)] string? Decision = null, [property: MaxLength(64)] string? Mark = null);

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapPost("/experiments/{key}/start", Start).WithName("StartExperiment");
        admin.MapPost("/experiments/{key}/stop", Stop).WithName("StopExperiment");
        admin.MapPost("/experiments/{key}/approve", Approve).WithName("ApproveExperiment");
        admin.MapPost("/experiments/{key}/refuse", Refuse).WithName("RefuseExperiment");
        admin.MapPost("/experiments/{key}/archive", Archive).WithName("ArchiveExperiment");
        admin.MapDelete("/experiments/{key}", Archive).WithName("DeleteExperiment");
    }

    private static async Task<Results<Ok<ExperimentView>, Accepted<ExperimentView>, ProblemHttpResult>> Start(
        string key, Agreement? request, CurrentUser user, ExperimentEditor editor, CancellationToken ct) =>
        ManageExperiments.Answer(await editor.Start(key, user.Id, request?.Mark, ct), user);

    private static async Task<Results<Ok<ExperimentView>, Accepted<ExperimentView>, ProblemHttpResult>> Stop(
        string key, StopRequest? request, CurrentUser user, ExperimentEditor editor, CancellationToken ct) =>
        ManageExperiments.Answer(await editor.Stop(key, request?.Decision, user.Id, request?.Mark, ct), user);

    private static async Task<Results<Ok<ExperimentView>, Accepted<ExperimentView>, ProblemHttpResult>> Approve(
        string key, Agreement? request, CurrentUser user, ExperimentEditor editor, CancellationToken ct) =>
        ManageExperiments.Answer(await editor.Approve(key, user.Id, request?.Mark, ct), user);

    private static async Task<Results<Ok<ExperimentView>, Accepted<ExperimentView>, ProblemHttpResult>> Refuse(
        string key, Agreement? request, CurrentUser user, ExperimentEditor editor, CancellationToken ct) =>
        ManageExperiments.Answer(await editor.Refuse(key, user.Id, request?.Mark, ct), user);

    private static async Task<Results<NoContent, ProblemHttpResult>> Archive(
        string key, CurrentUser user, ExperimentEditor editor, CancellationToken ct) =>
        (await editor.Archive(key, user.Id, ct)).Problem is { } problem ? problem.ToResult() : TypedResults.NoContent();
}

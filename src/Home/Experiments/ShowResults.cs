using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Home.Experiments;

/// <summary>What an experiment has shown so far: who saw what, what they did then, and whether that is enough to decide.</summary>
public static class ShowResults
{
    internal static void Map(RouteGroupBuilder admin) =>
        admin.MapGet("/experiments/{key}/results", Handle).WithName("GetExperimentResults");

    private static async Task<Results<Ok<ExperimentResults>, ProblemHttpResult>> Handle(string key, Database database, CancellationToken ct)
    {
        var results = await database.Snapshot(
            async tx => await StoredExperiments.Find(tx, key) is { } experiment
                ? await Findings.Of(tx, experiment, await StoredExperiments.WidgetsOf(tx, key))
                : null, ct);
        return results is null ? StoredExperiments.Unknown.ToResult() : TypedResults.Ok(results);
    }
}

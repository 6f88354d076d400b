using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontor;

/// <summary>Whether this process lives, whether it can serve, and whether the stored data adds up.</summary>
public static class Health
{
    private static readonly TimeSpan PingTime = TimeSpan.FromSeconds(2);

    /// <param name="Status">`ok` or `failed`.</param>
    /// <param name="Checks">Each check's name and its status.</param>
    public sealed record HealthView(string Status, IReadOnlyDictionary<string, string> Checks);

    /// <param name="Invariants">Each invariant's name and the rows that break it, none when it holds.</param>
    public sealed record InvariantsView(string Status, IReadOnlyDictionary<string, IReadOnlyList<string>> Invariants);

    internal static void Map(IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").WithTags("Health");
        health.MapGet("/live", Live).WithName("HealthLive");
        health.MapGet("/ready", Ready).WithName("HealthReady");
        health.MapGet("/invariants", Invariants).WithName("HealthInvariants").RequireAuthorization(Policies.Admin);
    }

    private static Ok<HealthView> Live() => TypedResults.Ok(new HealthView("ok", new Dictionary<string, string> { ["process"] = "ok" }));

    private static async Task<JsonHttpResult<HealthView>> Ready(Database database, IHostApplicationLifetime lifetime, CancellationToken ct)
    {
        var checks = new Dictionary<string, string>
        {
            ["database"] = await Answers(database, ct) ? "ok" : "failed",
            // A load balancer stops sending requests while those that are under way are finished.
            ["accepting"] = lifetime.ApplicationStopping.IsCancellationRequested ? "failed" : "ok",
        };
        var ok = checks.Values.All(status => status == "ok");
        return TypedResults.Json(new HealthView(ok ? "ok" : "failed", checks), statusCode: ok ? 200 : 503);
    }

    private static async Task<JsonHttpResult<InvariantsView>> Invariants(IEnumerable<IInvariant> invariants, CancellationToken ct)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var invariant in invariants) found[invariant.Name] = await invariant.Violations(ct);
        var ok = found.Values.All(violations => violations.Count == 0);
        return TypedResults.Json(new InvariantsView(ok ? "ok" : "failed", found), statusCode: ok ? 200 : 500);
    }

    private static async Task<bool> Answers(Database database, CancellationToken ct)
    {
        try
        {
            await database.Ping(ct).WaitAsync(PingTime, ct);
            return true;
        }
        catch (Exception) when (!ct.IsCancellationRequested)
        {
            // Whatever it is that keeps it from answering, the answer to this question is no.
            return false;
        }
    }
}

using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Sync.History;
using Kontor.Sync.Quarantine;
using Kontor.Sync.Tables;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync;

/// <summary>A person sees what was not taken from their phones and what changed in their rows lately, and undoes changes.</summary>
internal static class OwnPages
{
    public const string Address = "/account/sync";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages(Address).RequireAuthorization();
        pages.MapGet("", Show);
        pages.MapPost("/not-taken/{table}/{id}/discard", Discard);
        pages.MapGet("/rows/{table}/{id}", ShowRow);
        pages.MapPost("/rows/{table}/{id}/restore", Restore);
        pages.MapPost("/rows/{table}/{id}/revert", Revert);
    }

    public static string RowAddress(string table, string id) =>
        $"{Address}/rows/{Uri.EscapeDataString(table)}/{Uri.EscapeDataString(id)}";

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string? cursor, bool? discarded, CurrentUser user, Database database, SyncTables tables, TimeProvider time, CancellationToken ct)
    {
        var (found, problem) = await RecentChanges.Read(user.Id, limit: null, cursor, database, tables, time, ct);
        return problem is null
            ? Pages.Render<OwnSyncPage>(new
            {
                NotTaken = await database.Read(tx => OwnQuarantine.Read(tx, user.Id), ct),
                found!.Changes,
                Next = found.NextCursor,
                IsDiscarded = discarded == true,
            })
            : problem.ToResult();
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowRow(
        string table, string id, bool? done, CurrentUser user, SyncTables tables, RowHistory history, CancellationToken ct)
    {
        var (found, problem) = await OwnHistory.Read(user.Id, table, id, tables, history, ct);
        return problem is null
            ? Pages.Render<OwnRowPage>(new { History = found, tables.Find(table)!.Shape, IsDone = done == true })
            : problem.ToResult();
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Discard(
        string table, string id, IFormCollection form, CurrentUser user, Database database, CancellationToken ct) =>
        await QuarantinedRows.Discard(database, user.Id, table, id, ct) is { } problem
            ? problem.ToResult()
            : TypedResults.LocalRedirect($"{Address}?discarded=true");

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Restore(
        string table, string id, IFormCollection form, CurrentUser user, RowHistory history, CancellationToken ct) =>
        await history.Restore(user.Id, table, id, ct) is { } problem ? problem.ToResult() : Done(table, id);

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Revert(
        string table, string id, [FromForm] long version, CurrentUser user, RowHistory history, CancellationToken ct) =>
        await history.Revert((user.Id, ""), table, id, version, ct) is { } problem ? problem.ToResult() : Done(table, id);

    private static RedirectHttpResult Done(string table, string id) => TypedResults.LocalRedirect($"{RowAddress(table, id)}?done=true");
}

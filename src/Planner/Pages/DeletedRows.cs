using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Planner.Phone;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Planner;

/// <summary>A person sees which projects and tasks they deleted lately, on whatever device, and brings them back.</summary>
public static class DeletedRows
{
    internal const string Address = "/planner/deleted";

    private const int RowsMax = 50;

    private static readonly string[] Tables = [ProjectsTable.Name, TasksTable.Name];

    private static readonly Problem Unknown = new(404, "not-found", "There is no such project or task.");

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/deleted", Show);
        pages.MapPost("/deleted/{table}/{id}/restore", Restore);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string? cursor, bool? restored, CurrentUser user, SharedRows rows, CancellationToken ct)
    {
        if (rows.History is not { } history) return Unknown.ToResult();
        DeletedRow? after = null;
        if (cursor is not null)
        {
            if (Paging.Decode(cursor, 3) is not [var version, var table, var id] || !long.TryParse(
                version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return Paging.CursorInvalid.ToResult();
            after = new DeletedRow(table, id, number, "");
        }

        var found = await history.Deleted(user.Id, Tables, after, RowsMax + 1, ct);
        var shown = found.Take(RowsMax).ToList();
        var next = found.Count > RowsMax
            ? Paging.Encode(shown[^1].Version.ToString(CultureInfo.InvariantCulture), shown[^1].Table, shown[^1].Id)
            : null;
        return Pages.Render<DeletedPage>(new { Rows = shown, Next = next, IsRestored = restored == true });
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Restore(
        string table, string id, IFormCollection form, CurrentUser user, SharedRows rows, CancellationToken ct)
    {
        if (rows.History is not { } history || !Tables.Contains(table)) return Unknown.ToResult();
        return await history.Restore(user.Id, table, id, ct) is { } problem
            ? problem.ToResult()
            : TypedResults.LocalRedirect($"{Address}?restored=true");
    }
}

using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Sync.History;
using Kontor.Sync.Status;
using Kontor.Sync.Tables;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync;

/// <summary>Sync in the admin panel: everybody's devices, then one person's, with conflicts, quarantine and rows.</summary>
internal static class InspectorPages
{
    public const string Address = "/admin/sync";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapPages(Address).RequireAuthorization(Policies.Admin);
        pages.MapGet("", ShowAll);
        pages.MapGet("/{userId}", ShowOne);
        pages.MapPost("/{userId}/devices/{device}/replace", Replace);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowAll(
        string? cursor, Database database, SyncTables tables, TimeProvider time, IEnumerable<IAddressBook> books, CancellationToken ct)
    {
        var (page, problem) = await SyncStatus.Page(database, tables, time, limit: null, cursor, ct);
        if (problem is not null) return problem.ToResult();
        var names = await Names(database, books, page!.Users.Select(user => user.UserId), ct);
        return Pages.Render<SyncPage>(new { List = page, Names = names });
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowOne(
        string userId, string? table, string? id, bool? told, Database database, SyncTables tables, TimeProvider time, RowHistory history,
        IEnumerable<IAddressBook> books, CancellationToken ct)
    {
        var (found, problem) = await InspectUser.Read(userId, database, tables, time, ct);
        if (problem is not null) return problem.ToResult();
        OwnHistory.HistoryResponse? row = null;
        if (table is not null && id is not null)
            (row, problem) = await OwnHistory.Read(userId, table, id.Trim(), tables, history, ct);
        var names = await Names(database, books, [userId], ct);
        return Pages.Render<SyncUserPage>(new
        {
            Found = found,
            Name = names[userId],
            Tables = tables.All.Where(one => one.Shape.Kind == SyncKind.TwoWay).Select(one => one.Name).ToList(),
            Table = table,
            RowId = id,
            Row = row,
            IsUnknownRow = problem is not null,
            IsTold = told == true,
        });
    }

    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Replace(
        string userId, string device, IFormCollection form, Database database, Versions versions, CancellationToken ct) =>
        await InspectUser.Replace(userId, device, database, versions, ct) is { } problem
            ? problem.ToResult()
            : TypedResults.LocalRedirect($"{Address}/{Uri.EscapeDataString(userId)}?told=true");

    /// <summary>By user id: the address, or the id of somebody who has none any more.</summary>
    private static Task<Dictionary<string, string>> Names(
        Database database, IEnumerable<IAddressBook> books, IEnumerable<string> ids, CancellationToken ct) =>
        database.Read(async tx =>
        {
            var names = new Dictionary<string, string>(StringComparer.Ordinal);
            var book = books.FirstOrDefault();
            foreach (var id in ids)
                names[id] = book is not null && await book.Find(tx, id) is { } person ? person.Address : id;
            return names;
        }, ct);
}

using System.Text.Json.Nodes;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync.Quarantine;

/// <summary>A person sees which rows of their devices the server did not take, and why, and discards what they know of.</summary>
public static class OwnQuarantine
{
    /// <summary>The rows that were pushed last, first; at most 100.</summary>
    public sealed record QuarantineResponse(IReadOnlyList<Entry> Rows);

    /// <param name="Column">The one that could not be taken.</param>
    /// <param name="Reason">`text-too-long` or `parent-too-long`.</param>
    /// <param name="Content">The row's columns; long texts are cut.</param>
    /// <param name="Device">The id of the session that pushed it last.</param>
    public sealed record Entry(
        string Table, string Id, string Column, string Reason, JsonObject Content, string Device, DateTimeOffset FirstAt,
        DateTimeOffset LastAt);

    internal static void Map(RouteGroupBuilder sync)
    {
        sync.MapGet("/quarantine", List).WithName("ListQuarantine");
        sync.MapDelete("/quarantine/{table}/{id}", Discard).WithName("DiscardQuarantined");
    }

    internal static async Task<IReadOnlyList<Entry>> Read(Tx tx, string userId) =>
        [.. (await QuarantinedRows.List(tx, userId)).Select(View)];

    private static async Task<Ok<QuarantineResponse>> List(CurrentUser user, Database database, CancellationToken ct) =>
        TypedResults.Ok(new QuarantineResponse(await database.Read(tx => Read(tx, user.Id), ct)));

    private static async Task<Results<NoContent, ProblemHttpResult>> Discard(
        string table, string id, CurrentUser user, Database database, CancellationToken ct) =>
        await QuarantinedRows.Discard(database, user.Id, table, id, ct) is { } problem ? problem.ToResult() : TypedResults.NoContent();

    private static Entry View(QuarantinedRow row) => new(
        row.TableName, row.RowId, row.ColumnName, row.Reason, JsonNode.Parse(row.Content)!.AsObject(), row.Device, row.FirstAt.ToTime(),
        row.LastAt.ToTime());
}

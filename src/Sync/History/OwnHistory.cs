using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Kontor.Foundation;
using Kontor.Foundation.Http;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Sync.Push;
using Kontor.Sync.Tables;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Sync.History;

/// <summary>A person sees how a row of theirs was before, and what they deleted in the last 30 days, and brings it back.</summary>
public static class OwnHistory
{
    /// <summary>What it is now stands first.</summary>
    public sealed record HistoryResponse(string Table, string Id, IReadOnlyList<State> States);

    /// <param name="At">When it became so.</param>
    /// <param name="Until">When it was changed; null for what it is now.</param>
    /// <param name="ChangedOn">Where it was made so; unknown of the oldest that is listed, and mostly only of that.</param>
    /// <param name="ChangedBy">The id of the device's session; null unless it was a device.</param>
    /// <param name="Row">Its columns; null when they were too long to be kept.</param>
    public sealed record State(
        long Version, DateTimeOffset At, DateTimeOffset? Until, ChangePlace ChangedOn, string? ChangedBy, bool IsDeleted, JsonObject? Row);

    [JsonConverter(typeof(JsonStringEnumConverter<ChangePlace>))]
    public enum ChangePlace
    {
        [JsonStringEnumMemberName("device")]
        Device,
        [JsonStringEnumMemberName("page")]
        Page,
        [JsonStringEnumMemberName("unknown")]
        Unknown,
    }

    /// <param name="NextCursor">The next page's `cursor`; null at the end.</param>
    public sealed record DeletedResponse(IReadOnlyList<Deleted> Rows, string? NextCursor);

    /// <param name="Title">The beginning of its first text.</param>
    public sealed record Deleted(string Table, string Id, string Title, DateTimeOffset DeletedAt);

    internal static void Map(RouteGroupBuilder sync)
    {
        sync.MapGet("/rows/{table}/{id}/history", Show).WithName("ShowRowHistory");
        sync.MapPost("/rows/{table}/{id}/history/{version:long}/restore", Revert).WithName("RestoreRowState");
        sync.MapGet("/deleted", ListDeleted).WithName("ListDeletedRows");
        sync.MapPost("/deleted/{table}/{id}/restore", Restore).WithName("RestoreDeletedRow");
    }

    internal static async Task<Outcome<HistoryResponse>> Read(
        string userId, string table, string id, SyncTables tables, RowHistory history, CancellationToken ct)
    {
        if (tables.Find(table) is not { Shape.Kind: SyncKind.TwoWay } synced) return RowHistory.Unknown;
        var states = await history.States(userId, synced, id, ct);
        if (states.Count == 0) return RowHistory.Unknown;
        return new HistoryResponse(table, id, [.. states.Select((state, i) => View(synced, state, states.ElementAtOrDefault(i + 1)))]);
    }

    private static async Task<Results<Ok<HistoryResponse>, ProblemHttpResult>> Show(
        string table, string id, CurrentUser user, SyncTables tables, RowHistory history, CancellationToken ct)
    {
        var (found, problem) = await Read(user.Id, table, id, tables, history, ct);
        return problem is null ? TypedResults.Ok(found) : problem.ToResult();
    }

    private static async Task<Results<Ok<DeletedResponse>, ProblemHttpResult>> ListDeleted(
        int? limit, string? cursor, CurrentUser user, RowHistory history, CancellationToken ct)
    {
        DeletedRow? after = null;
        if (cursor is not null)
        {
            if (Paging.Decode(cursor, 3) is not [var version, var table, var id] || !long.TryParse(
                version, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return Paging.CursorInvalid.ToResult();
            after = new DeletedRow(table, id, number, "");
        }

        var asked = Paging.Limit(limit);
        var rows = await history.Deleted(user.Id, names: null, after, asked + 1, ct);
        var shown = rows.Take(asked).ToList();
        return TypedResults.Ok(new DeletedResponse(
            [.. shown.Select(row => new Deleted(row.Table, row.Id, row.Title, row.Version.ToTime()))],
            rows.Count > asked ? Cursor(shown[^1]) : null));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Restore(
        string table, string id, CurrentUser user, RowHistory history, CancellationToken ct)
    {
        var problem = await history.Restore((user.Id, user.SessionId), table, id, ct);
        return problem is null ? TypedResults.NoContent() : problem.ToResult();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Revert(
        string table, string id, long version, CurrentUser user, RowHistory history, CancellationToken ct)
    {
        var problem = await history.Revert((user.Id, user.SessionId), table, id, version, ct);
        return problem is null ? TypedResults.NoContent() : problem.ToResult();
    }

    private static string Cursor(DeletedRow row) =>
        Paging.Encode(row.Version.ToString(CultureInfo.InvariantCulture), row.Table, row.Id);

    /// <param name="before">What it replaced, where that is kept, and knows by whom.</param>
    private static State View(SyncedTable table, RowState state, RowState? before)
    {
        JsonObject? row = null;
        if (state.Content is not null)
        {
            using var content = JsonDocument.Parse(state.Content);
            row = [];
            // SQLite has numbers for flags.
            foreach (var column in table.Shape.Columns)
            {
                if (content.RootElement.TryGetProperty(column.Name, out var value))
                    row[column.Name] = JsonSerializer.SerializeToNode(Repair.Value(value, column));
            }
        }

        // A state that was not kept may have been between them.
        var by = before?.Until == state.Version ? before.Device : null;
        var place = by switch { null => ChangePlace.Unknown, "" => ChangePlace.Page, _ => ChangePlace.Device };
        return new State(
            state.Version, state.Version.ToTime(), state.Until?.ToTime(), place, place == ChangePlace.Device ? by : null,
            state.IsDeleted, row);
    }
}

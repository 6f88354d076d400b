using System.Text.Json.Nodes;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Sync.Tables;

namespace Kontor.Sync.History;

/// <summary>A row as it was from its version until another replaced it.</summary>
/// <param name="Until">The version that replaced it; null for what it is now.</param>
/// <param name="Device">The session that replaced it; empty for a page, null for what it is now.</param>
/// <param name="Content">JSON of its columns; null when it was too long to be kept.</param>
internal sealed record RowState(long Version, long? Until, string? Device, bool IsDeleted, string? Content);

/// <summary>
/// How rows were before they were changed, and how deleted ones come back. What a row is now is the row itself, so only the states before
/// are kept: at most <see cref="StatesMax"/> of a row, each of at most <see cref="ContentMax"/> characters, for <see cref="KeepMs"/>.
/// A row that is written once costs nothing.
/// </summary>
internal sealed class RowHistory(Database database, SyncTables tables, Versions versions, TimeProvider time) : ISyncHistory
{
    public const int StatesMax = 20;
    public const int ContentMax = 16_384;
    public const long KeepMs = 30 * Clock.Day;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such row.");
    public static readonly Problem TooLate = new(409, "restore-too-late", "What was deleted can be brought back for 30 days.");

    public static readonly Problem NotKept = new(409, "state-not-kept", "What it was then is not kept, because it was too long.");

    private sealed record Stored(bool IsDeleted, long Version);

    public string Page => OwnPages.Address;

    public async ValueTask Keep(Tx tx, string userId, string table, string id, long version) =>
        await Keep(tx, tables.Find(table)!, (userId, ""), [id], version);

    /// <summary>Before these rows get <paramref name="version"/>.</summary>
    public static async ValueTask Keep(Tx tx, SyncedTable table, (string UserId, string Device) by, string[] ids, long version)
    {
        if (ids.Length == 0) return;
        var kept = await tx.Execute(table.History.KeepStates, new { userId = by.UserId, device = by.Device, ids, version });
        if (kept > 0) await tx.Execute(table.History.PruneStates, new { userId = by.UserId, ids });
    }

    /// <summary>Before the rows that belong to <paramref name="parents"/> are deleted along with them.</summary>
    public static async ValueTask KeepChildren(
        Tx tx, SyncedTable table, (string UserId, string Device) by, string[] parents, long version)
    {
        if (parents.Length == 0) return;
        var ids = await tx.Query<string>(table.History.SelectChildren, new { userId = by.UserId, ids = parents });
        await Keep(tx, table, by, [.. ids], version);
    }

    /// <summary>As it is, then as it was, the newest first; empty when the row is unknown.</summary>
    public async Task<IReadOnlyList<RowState>> States(string userId, SyncedTable table, string id, CancellationToken ct) =>
        await database.Snapshot(async tx =>
        {
            var now = await tx.First<RowState>(table.History.SelectState, new { userId, id });
            if (now is null) return [];
            var before = await tx.Query<RowState>("""
                SELECT version, until, device, is_deleted, content FROM sync_history
                WHERE user_id = @userId AND table_name = @table AND row_id = @id
                ORDER BY version DESC
                LIMIT 50
                """, new { userId, table = table.Name, id });
            return (List<RowState>)[now, .. before];
        }, ct);

    public async Task<IReadOnlyList<DeletedRow>> Deleted(
        string userId, IReadOnlyCollection<string>? names, DeletedRow? after, int limit, CancellationToken ct)
    {
        var since = time.NowMs() - KeepMs;
        var found = await database.Snapshot(async tx =>
        {
            var rows = new List<DeletedRow>();
            foreach (var table in tables.All.Where(table => table.Shape.Kind == SyncKind.TwoWay && (names?.Contains(table.Name) ?? true)))
            {
                var (before, id) = Bound(table.Name, after);
                rows.AddRange((await tx.Query<Gone>(table.History.SelectDeleted, new { userId, since, before, id, limit }))
                    .Select(row => new DeletedRow(table.Name, row.Id, row.Version, row.Title ?? "")));
            }

            return rows;
        }, ct);
        return [.. found.OrderByDescending(row => row.Version).ThenBy(row => row.Table, StringComparer.Ordinal)
            .ThenBy(row => row.Id, StringComparer.Ordinal).Take(limit)];
    }

    public Task<Problem?> Restore(string userId, string table, string id, CancellationToken ct) => Restore((userId, ""), table, id, ct);

    /// <param name="by">The session is empty for a page.</param>
    public async Task<Problem?> Restore((string UserId, string Device) by, string table, string id, CancellationToken ct)
    {
        // What only the server writes it also brings back by itself.
        if (tables.Find(table) is not { Shape.Kind: SyncKind.TwoWay } synced) return Unknown;
        return (await database.Write(tx => Restore(tx, by, synced, id), ct)).Problem;
    }

    public async Task<bool> HasNotTaken(string userId, CancellationToken ct) => await database.Read(
        tx => tx.First<bool>("SELECT EXISTS (SELECT 1 FROM sync_quarantine WHERE user_id = @userId)", new { userId }).AsTask(), ct);

    /// <summary>The row becomes what it was at that version of its, with a new one; also when it is deleted now.</summary>
    /// <param name="by">The session is empty for a page.</param>
    public async Task<Problem?> Revert((string UserId, string Device) by, string table, string id, long version, CancellationToken ct)
    {
        if (tables.Find(table) is not { Shape.Kind: SyncKind.TwoWay } synced) return Unknown;
        return (await database.Write(tx => Revert(tx, by, synced, id, version), ct)).Problem;
    }

    public static async Task Forget(Database database, long before, CancellationToken ct)
    {
        int forgotten;
        do
        {
            forgotten = await database.Write(tx => tx.Execute("""
                DELETE FROM sync_history
                WHERE (user_id, table_name, row_id, version) IN (
                    SELECT user_id, table_name, row_id, version FROM sync_history
                    WHERE until < @before
                    LIMIT 1000)
                """, new { before }).AsTask(), ct);
        }
        while (forgotten == 1000);
    }

    private sealed record Gone(string Id, string? Title, long Version);

    /// <summary>What was deleted together with the row, because it belonged to it, comes back together with it.</summary>
    private async Task<Outcome<bool>> Restore(Tx tx, (string UserId, string Device) by, SyncedTable table, string id)
    {
        var userId = by.UserId;
        // Is it there already, nothing is drawn: no device is woken for nothing.
        if (await tx.First<Stored>(table.History.SelectStored, new { userId, id }) is { IsDeleted: false }) return true;
        var version = await versions.Draw(tx, userId);
        if (await tx.First<Stored>(table.History.SelectStored, new { userId, id }) is not { } row) return Unknown;
        if (!row.IsDeleted) return true;
        if (row.Version < time.NowMs() - KeepMs) return TooLate;
        var restored = new Dictionary<string, string[]>(StringComparer.Ordinal) { [table.Name] = [id] };
        foreach (var one in tables.All)
        {
            if (one.Shape.Parent is { } parent && restored.TryGetValue(parent.Table, out var parents))
            {
                var children = await tx.Query<string>(one.History.SelectDeletedWith, new { userId, ids = parents, deleted = row.Version });
                restored[one.Name] = [.. restored.GetValueOrDefault(one.Name) ?? [], .. children];
            }

            if (!restored.TryGetValue(one.Name, out var ids) || ids.Length == 0) continue;
            await Keep(tx, one, by, ids, version);
            await tx.Execute(one.History.Restore, new { userId, ids, version });
            await one.Product.Changed(tx, userId);
        }

        return true;
    }

    private async Task<Outcome<bool>> Revert(Tx tx, (string UserId, string Device) by, SyncedTable table, string id, long version)
    {
        var userId = by.UserId;
        var drawn = await versions.Draw(tx, userId);
        var state = await tx.First<RowState>("""
            SELECT version, until, device, is_deleted, content FROM sync_history
            WHERE user_id = @userId AND table_name = @table AND row_id = @id AND version = @version AND until > @since
            """, new { userId, table = table.Name, id, version, since = time.NowMs() - KeepMs });
        if (state is not { IsDeleted: false }) return Unknown;
        if (state.Content is null) return NotKept;
        var row = JsonNode.Parse(state.Content)!.AsObject();
        var columns = table.Shape.Columns;
        // A column that came later stays as it is.
        var present = 0UL;
        for (var i = 0; i < columns.Count; i++) present |= row.ContainsKey(columns[i].Name) ? 1UL << i : 0;
        (row["id"], row["is_deleted"]) = (id, false);
        await Keep(tx, table, by, [id], drawn);
        await tx.Execute(table.Upsert(present), new { userId, version = drawn, rows = new JsonArray(row).ToJsonString() });
        await table.Product.Changed(tx, userId);
        return true;
    }

    /// <summary>From where a table's part of the next page goes on: of one version, tables follow by name, and rows by id.</summary>
    private static (long Before, string Id) Bound(string table, DeletedRow? after)
    {
        if (after is null) return (long.MaxValue, "");
        var order = string.CompareOrdinal(table, after.Table);
        // No id sorts after a tilde, and none before the empty text.
        return (after.Version, order > 0 ? "" : order == 0 ? after.Id : "~");
    }
}

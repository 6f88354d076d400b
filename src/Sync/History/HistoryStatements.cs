using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Sync.Tables;

namespace Kontor.Sync.History;

/// <summary>The SQL by which a table's rows are remembered and brought back, made from its shape once.</summary>
internal sealed class HistoryStatements
{
    private const int TitleMax = 200;

    /// <param name="shape">The table's.</param>
    /// <param name="dialect">The database's.</param>
    /// <param name="parentTable">What the database calls the parent's table; null without one.</param>
    public HistoryStatements(SyncTable shape, Dialect dialect, string? parentTable)
    {
        KeepStates = $"""
            INSERT INTO sync_history (user_id, table_name, row_id, version, until, device, is_deleted, content)
            SELECT user_id, '{shape.Name}', id, version, @version, @device, is_deleted,
                CASE WHEN length(content) <= {RowHistory.ContentMax} THEN content END
            FROM (
                SELECT user_id, id, version, is_deleted, {Content(shape, dialect)} AS content
                FROM {shape.SqlTable}
                WHERE user_id = @userId AND id {dialect.In("ids")}) AS kept
            WHERE true
            ON CONFLICT (user_id, table_name, row_id, version) DO NOTHING
            """;
        PruneStates = $"""
            DELETE FROM sync_history
            WHERE user_id = @userId AND table_name = '{shape.Name}' AND row_id {dialect.In("ids")} AND version < (
                SELECT h.version FROM sync_history h
                WHERE h.user_id = @userId AND h.table_name = '{shape.Name}' AND h.row_id = sync_history.row_id
                ORDER BY h.version DESC
                LIMIT 1 OFFSET {RowHistory.StatesMax - 1})
            """;
        SelectState = $"""
            SELECT version, CAST(NULL AS bigint) AS until, CAST(NULL AS text) AS device, is_deleted, {Content(shape, dialect)} AS content
            FROM {shape.SqlTable}
            WHERE user_id = @userId AND id = @id
            """;
        SelectStored = $"SELECT is_deleted, version FROM {shape.SqlTable} WHERE user_id = @userId AND id = @id";
        SelectDeleted = $"""
            SELECT id, {Title(shape)} AS title, version
            FROM {shape.SqlTable}
            WHERE user_id = @userId AND is_deleted = true AND version > @since
              AND version <= @before AND (version < @before OR id > @id) {WithoutParent(shape, parentTable)}
            ORDER BY version DESC, id
            LIMIT @limit
            """;
        SelectDeletedWith = $"""
            SELECT id FROM {shape.SqlTable}
            WHERE user_id = @userId AND is_deleted = true AND version = @deleted AND {shape.Parent?.Column ?? "id"} {dialect.In("ids")}
            """;
        MoveDeletions = $"""
            UPDATE sync_history SET until = r.moved
            FROM {dialect.Rows("moves", "deleted bigint", "moved bigint")} r
            WHERE user_id = @userId AND table_name = '{shape.Name}' AND row_id {dialect.In("ids")} AND until = r.deleted
            """;
        SelectChildren = $"""
            SELECT id FROM {shape.SqlTable}
            WHERE user_id = @userId AND is_deleted = false AND {shape.Parent?.Column ?? "id"} {dialect.In("ids")}
            """;
        Restore = $"""
            UPDATE {shape.SqlTable} SET is_deleted = false, version = @version
            WHERE user_id = @userId AND is_deleted = true AND id {dialect.In("ids")}
            """;
    }

    /// <summary>Remembers what the rows of `ids` are, before `version` replaces that.</summary>
    public string KeepStates { get; }

    /// <summary>Leaves the newest states of each row of `ids`.</summary>
    public string PruneStates { get; }

    /// <summary>What the row `id` is now, as a <see cref="RowState"/>.</summary>
    public string SelectState { get; }

    /// <summary>Whether the row `id` is deleted, and its version.</summary>
    public string SelectStored { get; }

    /// <summary>What was deleted after `since`, the last first, but for what was deleted together with its parent.</summary>
    public string SelectDeleted { get; }

    /// <summary>The rows that the deletion of their parents, `ids`, took along.</summary>
    public string SelectDeletedWith { get; }

    /// <summary>What the deletions of `ids` replaced was there until their new version; see <see cref="SyncedTable.Resend"/>.</summary>
    public string MoveDeletions { get; }

    /// <summary>The rows that the deletion of their parents, `ids`, would take along.</summary>
    public string SelectChildren { get; }

    /// <summary>Brings the rows of `ids` back.</summary>
    public string Restore { get; }

    /// <summary>The beginning of a row's first text; an expression.</summary>
    public static string Title(SyncTable shape) => shape.Title is { } text ? $"substr({text.Name}, 1, {TitleMax})" : "id";

    /// <summary>All columns as one text.</summary>
    private static string Content(SyncTable shape, Dialect dialect) =>
        $"CAST({dialect.JsonObject}({string.Join(", ", shape.Columns.Select(column => $"'{column.Name}', {column.Name}"))}) AS text)";

    private static string WithoutParent(SyncTable shape, string? parentTable) => parentTable is null ? "" : $"""
        AND NOT EXISTS (
            SELECT 1 FROM {parentTable} p
            WHERE p.user_id = @userId AND p.id = {shape.SqlTable}.{shape.Parent!.Column}
              AND p.is_deleted = true AND p.version = {shape.SqlTable}.version)
        """;
}

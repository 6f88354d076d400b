using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Sync.History;
using Kontor.Sync.Shared;

namespace Kontor.Sync.Tables;

/// <summary>A table that phones sync, with its SQL, which is made from its shape once. Every text keeps to one user's rows.</summary>
internal sealed class SyncedTable
{
    /// <summary>A set of columns is one bit each, and PostgreSQL takes a hundred names and values for an object.</summary>
    public const int ColumnsMax = 50;

    /// <summary>Apps have few sets of columns, one for each of their versions; whoever makes up more of them is not remembered.</summary>
    private const int UpsertsMax = 200;

    private readonly Dialect _dialect;
    private readonly string _owner;
    private readonly string _since;
    private readonly ConcurrentDictionary<ulong, string> _upserts = new();

    /// <param name="parentTable">What the database calls the parent's table; null without one.</param>
    public SyncedTable(ISyncTable product, Dialect dialect, string? parentTable)
    {
        (Product, Shape, _dialect) = (product, product.Shape, dialect);
        History = new HistoryStatements(Shape, dialect, parentTable);
        EncodedName = JsonEncodedText.Encode(Shape.Name);
        EncodedColumns = [.. Shape.Columns.Select(column => JsonEncodedText.Encode(column.Name))];
        PulledColumns = [.. Shape.Columns.Select((column, i) => (EncodedColumns[i], column.Type, column.Nullable))];
        var table = Shape.SqlTable;
        var columns = string.Join(", ", Shape.Columns.Select(column => column.Name));
        _owner = IsShared ? "" : "user_id = @userId AND ";
        // Timestamps are versions of the user's, and shared rows have their own.
        (_since, var upTo) = IsShared ? (Marks.Place("@since"), Marks.Place("@upTo")) : ("@since", "@upTo");
        SelectLive = $"""
            SELECT id, is_deleted, {columns}
            FROM {table}
            WHERE {_owner}is_deleted = false
            """;
        SelectLiveBetween = $"{SelectLive} AND version > {_since} AND version <= {upTo}";
        SelectChanged = $"""
            SELECT id, is_deleted, {columns}
            FROM {table}
            WHERE {_owner}version > {_since} AND version <= {upTo}
            """;
        SelectById = $"""
            SELECT id, is_deleted, {columns}, version
            FROM {table}
            WHERE user_id = @userId AND id {dialect.In("ids")}
            """;
        Delete = $"""
            UPDATE {table} SET is_deleted = true, version = @version
            WHERE user_id = @userId AND is_deleted = false AND id {dialect.In("ids")}
            RETURNING id
            """;
        DeleteChildren = $"""
            UPDATE {table} SET is_deleted = true, version = @version
            WHERE user_id = @userId AND is_deleted = false AND {Shape.Parent?.Column ?? "id"} {dialect.In("ids")}
            RETURNING id
            """;
        Resend = $"""
            UPDATE {table} SET version = r.moved
            FROM {dialect.Rows("moves", "deleted bigint", "moved bigint")} r
            WHERE user_id = @userId AND is_deleted = true AND version = r.deleted
            RETURNING id
            """;
    }

    public ISyncTable Product { get; }

    public SyncTable Shape { get; }

    public string Name => Shape.Name;

    /// <summary>Everybody has its rows; otherwise each is a user's.</summary>
    public bool IsShared => Shape.Kind == SyncKind.Shared;

    public HistoryStatements History { get; }

    public JsonEncodedText EncodedName { get; }

    public JsonEncodedText[] EncodedColumns { get; }

    /// <summary>What writing a row to a pull needs of each column.</summary>
    public (JsonEncodedText Name, SyncType Type, bool Nullable)[] PulledColumns { get; }

    /// <summary>
    /// Everything that is not deleted. Like all that select rows: the id, whether it is deleted, then the shape's columns.
    /// </summary>
    public string SelectLive { get; }

    /// <summary>As <see cref="SelectLive"/>, of what changed after the timestamp `since` up to `upTo`.</summary>
    public string SelectLiveBetween { get; }

    /// <summary>As <see cref="SelectLiveBetween"/>, deletions too.</summary>
    public string SelectChanged { get; }

    /// <summary>The rows of `ids`, deletions too, with their version at the end.</summary>
    public string SelectById { get; }

    /// <summary>Marks `ids` as deleted; gives those that were not yet.</summary>
    public string Delete { get; }

    /// <summary>Marks the rows whose parent is among `ids` as deleted; gives their ids.</summary>
    public string DeleteChildren { get; }

    /// <summary>Gives what was deleted at a version of the JSON rows `moves` another one, and gives the ids.</summary>
    public string Resend { get; }

    /// <summary>
    /// The rows that had these columns before they existed on the phone, but for those that have the value which the phone
    /// gives a new column.
    /// </summary>
    public string SelectWithValues(IEnumerable<SyncColumn> columns) =>
        $"{SelectLive} AND version <= {_since} AND ({string.Join(" OR ", columns.Select(HasValue))})";

    /// <summary>The first `limit` versions after another, one for each row; as a part of a statement over several tables.</summary>
    public string SelectVersions(string since) =>
        _dialect.UnionPart($"SELECT version FROM {Shape.SqlTable} WHERE {_owner}version > {since}", "version", "@limit");

    /// <summary>
    /// Writes the JSON rows of `rows`. Of a row that exists only the columns in <paramref name="present"/> are written; a new
    /// row, or one that comes back from deletion, has its type's empty value in the others.
    /// </summary>
    /// <param name="present">One bit for each of the shape's columns.</param>
    public string Upsert(ulong present)
    {
        if (_upserts.TryGetValue(present, out var known)) return known;
        var sql = WriteUpsert(present);
        if (_upserts.Count < UpsertsMax) _upserts[present] = sql;
        return sql;
    }

    public static bool Has(ulong present, int column) => (present & (1UL << column)) != 0;

    /// <summary>The value at the column's place in the rows that this class selects: a string, a long, a bool or null.</summary>
    public object? Read(DbDataReader row, int column) => row.IsDBNull(column + 2) ? null : Shape.Columns[column].Type switch
    {
        SyncType.Text => row.GetString(column + 2),
        SyncType.Number => row.GetInt64(column + 2),
        _ => row.GetBoolean(column + 2),
    };

    private string WriteUpsert(ulong present)
    {
        var table = Shape.SqlTable;
        var names = Shape.Columns.Select(column => column.Name).ToList();
        var values = Shape.Columns.Select((column, i) => Has(present, i) ? $"r.{column.Name}" : Empty(column));
        var updates = names.Select((name, i) => Has(present, i)
            ? $"{name} = excluded.{name}"
            : $"{name} = CASE WHEN {table}.is_deleted THEN excluded.{name} ELSE {table}.{name} END");
        var sent = Shape.Columns.Where((_, i) => Has(present, i)).Select(column => $"{column.Name} {SqlType(column.Type)}");
        string[] columns = ["id text", "is_deleted boolean", .. sent];
        // SQLite needs the WHERE, or takes ON for the condition of a join.
        return $"""
            INSERT INTO {table} (user_id, id, version, is_deleted, {string.Join(", ", names)})
            SELECT @userId, r.id, @version, r.is_deleted, {string.Join(", ", values)}
            FROM {_dialect.Rows("rows", columns)} r
            WHERE true
            ON CONFLICT (user_id, id) DO UPDATE SET
                version = excluded.version, is_deleted = excluded.is_deleted, {string.Join(", ", updates)}
            """;
    }

    private static string HasValue(SyncColumn column) => column switch
    {
        { Nullable: true } => $"{column.Name} IS NOT NULL",
        _ => $"{column.Name} <> {Empty(column)}",
    };

    private static string Empty(SyncColumn column) => column switch
    {
        { Nullable: true } => $"CAST(NULL AS {SqlType(column.Type)})",
        { Type: SyncType.Text } => "''",
        { Type: SyncType.Number } => "0",
        _ => "false",
    };

    private static string SqlType(SyncType type) => type switch
    {
        SyncType.Text => "text",
        SyncType.Number => "bigint",
        _ => "boolean",
    };
}

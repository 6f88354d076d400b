using Kontor.Foundation.Data;
using Kontor.Foundation.Security;

namespace Kontor.Foundation.Seams;

/// <summary>
/// A product's table that phones keep a copy of. The product owns it and migrates it; it has, beside the columns named here,
/// `user_id TEXT`, `id TEXT`, `version BIGINT` and `is_deleted BOOLEAN`, the key `(user_id, id)`, and indexes on
/// `(user_id, version)`, on `(version)` where deleted, and on the user and the parent's column. Ids tell upper and lower case
/// apart. Sync reads and writes it; a row is not removed but marked as deleted, so that phones hear of it. A trigger refuses a
/// write whose version is not newer than the row's. A shared table has no `user_id`: its key is `id`, its index on `version`.
/// </summary>
public interface ISyncTable
{
    SyncTable Shape { get; }

    /// <summary>Called in the push's transaction, after it has changed this table, for the product's events. Nobody pushes to a table
    /// that only the server writes.</summary>
    ValueTask Changed(Tx tx, string userId) => ValueTask.CompletedTask;

    /// <summary>
    /// Called before each pull of a person's phone, for a table whose rows the product works out: it writes what has changed since, in a
    /// transaction of its own. It knows by itself when it need not look, because most pulls find nothing and have to cost nothing.
    /// </summary>
    Task Refresh(CurrentUser user, CancellationToken ct) => Task.CompletedTask;
}

/// <param name="Name">As the phone calls it, for instance `tasks`. Names here are lower case with underscores, and no words of SQL.</param>
/// <param name="SqlTable">As the database calls it, with the module's prefix.</param>
/// <param name="Columns">Without the id. Rows travel with exactly these.</param>
/// <param name="Parent">The table whose deletion deletes these rows too, and the column that names it; null for none.</param>
/// <param name="Since">The version of the phone's schema that brought it; see <see cref="SyncColumn"/>.</param>
/// <param name="Kind">Who writes it, and whose its rows are.</param>
public sealed record SyncTable(
    string Name, string SqlTable, IReadOnlyList<SyncColumn> Columns, SyncParent? Parent = null, int Since = 1,
    SyncKind Kind = SyncKind.TwoWay)
{
    /// <summary>The first text, by which people tell its rows apart; null when it has none.</summary>
    public SyncColumn? Title => Columns.FirstOrDefault(column => column.Type == SyncType.Text);
}

public enum SyncKind
{
    /// <summary>A person's rows; phones and the server write them.</summary>
    TwoWay,

    /// <summary>A person's rows; only the server writes them.</summary>
    ReadOnly,

    /// <summary>The same rows for everybody, written by the server alone: a change is one row of work for all phones.</summary>
    Shared,
}

public sealed record SyncParent(string Table, string Column);

/// <param name="Nullable">As in the phone's schema (`isOptional`); a column that is not has its type's empty value instead of null.</param>
/// <param name="Since">The version of the phone's schema that brought it: one more than the newest, for a column that is added.</param>
public sealed record SyncColumn(string Name, SyncType Type, bool Nullable = false, int Since = 1);

/// <summary>WatermelonDB's column types. A number here is whole: BIGINT in the database.</summary>
public enum SyncType
{
    Text,
    Number,
    Flag,
}

/// <summary>
/// For products that write a sync table themselves, from a page or an event: draws the version that the rows they write next
/// carry, and tells the user's phones after the commit. It must be the transaction's first statement, because it makes other writers
/// of this user wait: so the order of versions is the order of commits.
/// </summary>
public interface ISyncVersions
{
    ValueTask<long> Draw(Tx tx, string userId);

    /// <summary>Likewise for rows of shared tables: their writers wait for each other, and for nobody else.</summary>
    ValueTask<long> DrawShared(Tx tx);
}

/// <summary>How the rows of sync tables were before, those that were deleted, and those that were not taken from a phone.</summary>
public interface ISyncHistory
{
    /// <summary>The address of the page on which people see what changed in their rows, and what was not taken from their phones.</summary>
    string Page { get; }

    /// <summary>Whether that page has something that was not taken.</summary>
    Task<bool> HasNotTaken(string userId, CancellationToken ct);

    /// <summary>
    /// For products that write a sync table themselves: remembers what the row is, before it is written with <paramref name="version"/>.
    /// </summary>
    ValueTask Keep(Tx tx, string userId, string table, string id, long version);

    /// <summary>
    /// What can be brought back, the last deleted first; not what went along with a row that it belongs to, and comes back with that.
    /// </summary>
    /// <param name="names">Of the tables that are looked at; null for all.</param>
    /// <param name="after">The last row of the page before; null for the first.</param>
    Task<IReadOnlyList<DeletedRow>> Deleted(
        string userId, IReadOnlyCollection<string>? names, DeletedRow? after, int limit, CancellationToken ct);

    /// <summary>Brings a row back, and what was deleted together with it; phones hear of it. Null when it is there.</summary>
    Task<Problem?> Restore(string userId, string table, string id, CancellationToken ct);
}

/// <param name="Version">Is also when it was deleted, in milliseconds since 1970.</param>
/// <param name="Title">The beginning of its first text.</param>
public sealed record DeletedRow(string Table, string Id, long Version, string Title);

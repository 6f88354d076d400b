namespace Kontor.Foundation.Data;

/// <summary>
/// Where the engines' SQL differs, and only there. Everything else is one text that both understand: whole numbers are
/// BIGINT, booleans are `true` and `false`, `ON CONFLICT` and `RETURNING` do what they say.
/// </summary>
public abstract class Dialect
{
    /// <summary>`sqlite` or `postgres`; also the middle of a migration's file name.</summary>
    public abstract string Name { get; }

    /// <summary>Ends a SELECT whose rows the transaction will write: `FOR UPDATE`, or nothing where there is one writer.</summary>
    public abstract string ForUpdate { get; }

    /// <summary>As <see cref="ForUpdate"/>, but passes over rows that another transaction holds.</summary>
    public abstract string ForUpdateSkipLocked { get; }

    /// <summary>Ends a SELECT whose rows are to be there until the commit: `FOR KEY SHARE`, or nothing where there is one writer.</summary>
    public abstract string ForKeyShare { get; }

    /// <summary>The condition that a column is among a list parameter (`string[]` or `long[]`): `id {In("ids")}`.</summary>
    public abstract string In(string parameter);

    /// <summary>The condition that a column contains a pattern, blind to case: `name {Like("pattern")}`.</summary>
    public abstract string Like(string parameter);

    /// <summary>
    /// A table made of the JSON array of objects in a parameter, for set-based writes. Columns are named with their type,
    /// `text`, `bigint` or `boolean`: `INSERT INTO t (id, n) SELECT r.id, r.n FROM {Rows("rows", "id text", "n bigint")} r`.
    /// </summary>
    public abstract string Rows(string parameter, params ReadOnlySpan<string> columns);

    /// <summary>
    /// A SELECT as a part of a UNION ALL that is ordered by a column and limited, where an index gives each part in that order: an engine
    /// that does not merge such parts of its own accord gets no more than the first rows of each.
    /// </summary>
    public abstract string UnionPart(string select, string column, string limit);

    /// <summary>The function that makes a JSON object of names and values: `{JsonObject}('id', id, 'name', name)`.</summary>
    public abstract string JsonObject { get; }

    /// <summary>How a list becomes a parameter's value.</summary>
    public abstract object Bind(Array list);

    /// <summary>A unique key refused the row.</summary>
    public abstract bool IsUniqueViolation(Exception exception);
}

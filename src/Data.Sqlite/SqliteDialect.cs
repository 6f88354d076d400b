using System.Text.Json;
using Kontor.Foundation.Data;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kontor.Data.Sqlite;

internal sealed class SqliteDialect : Dialect
{
    public override string Name => "sqlite";

    /// <summary>There is one writer, so nothing needs a lock of its own.</summary>
    public override string ForUpdate => "";

    public override string ForUpdateSkipLocked => "";

    public override string ForKeyShare => "";

    public override string JsonObject => "json_object";

    public override string In(string parameter) => $"IN (SELECT value FROM json_each(@{parameter}))";

    public override string Like(string parameter) => $"LIKE @{parameter}";

    public override string Rows(string parameter, params ReadOnlySpan<string> columns)
    {
        var values = new List<string>();
        foreach (var column in columns)
        {
            var name = column[..column.IndexOf(' ', StringComparison.Ordinal)];
            values.Add($"json_extract(value, '$.{name}') AS {name}");
        }

        return $"(SELECT {string.Join(", ", values)} FROM json_each(@{parameter}))";
    }

    public override string UnionPart(string select, string column, string limit) => select;

    public override object Bind(Array list) => JsonSerializer.Serialize(list, list.GetType());

    public override bool IsUniqueViolation(Exception exception) => exception is SqliteException
    {
        SqliteExtendedErrorCode: raw.SQLITE_CONSTRAINT_UNIQUE or raw.SQLITE_CONSTRAINT_PRIMARYKEY,
    };
}

using Kontor.Foundation.Data;
using Npgsql;

namespace Kontor.Data.Postgres;

internal sealed class PostgresDialect : Dialect
{
    public override string Name => "postgres";

    public override string ForUpdate => "FOR UPDATE";

    public override string ForUpdateSkipLocked => "FOR UPDATE SKIP LOCKED";

    public override string ForKeyShare => "FOR KEY SHARE";

    public override string JsonObject => "json_build_object";

    public override string In(string parameter) => $"= ANY(@{parameter})";

    public override string Like(string parameter) => $"ILIKE @{parameter}";

    public override string Rows(string parameter, params ReadOnlySpan<string> columns) =>
        $"(SELECT * FROM json_to_recordset(CAST(@{parameter} AS json)) AS \"{parameter}\"({string.Join(", ", columns!)}))";

    public override string UnionPart(string select, string column, string limit) =>
        $"SELECT {column} FROM ({select} ORDER BY {column} LIMIT {limit}) part";

    public override object Bind(Array list) => list;

    public override bool IsUniqueViolation(Exception exception) =>
        exception is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };
}

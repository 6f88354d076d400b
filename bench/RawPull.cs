using System.Buffers;
using System.Data.Common;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Kontor.Bench;

/// <summary>
/// The limit of a first pull: a SELECT of one person's tasks written with `Utf8JsonWriter`, on the database that the server has open. No
/// HTTP, no versions, no second table.
/// </summary>
internal sealed class RawPull : IDisposable
{
    private const int FlushBytes = 64 * 1024;

    private static readonly JsonEncodedText[] Names =
        Encoded("id", "title", "description", "is_completed", "project_id", "created_at", "updated_at");

    private readonly DbConnection _connection;

    private RawPull(DbConnection connection)
    {
        _connection = connection;
        _connection.Open();
    }

    private bool IsPostgres => _connection is NpgsqlConnection;

    public static RawPull OfFile(string database) =>
        new(new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = database, Pooling = false }.ToString()));

    public static RawPull OfPostgres(string address)
    {
        var url = new Uri(address);
        var user = url.UserInfo.Split(':', 2);
        return new(new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port > 0 ? url.Port : 5432,
            Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')),
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            Pooling = false,
            Timeout = 60,
            CommandTimeout = 0,
        }.ToString()));
    }

    /// <returns>Processor time of one pull, and the rows that it had.</returns>
    public (TimeSpan Time, int Rows) Measure(string userId, int times)
    {
        var rows = 0;
        var before = Used();
        for (var i = 0; i < times; i++) rows = Pull(userId);
        return ((Used() - before) / times, rows);
    }

    /// <summary>Likewise one SELECT for each version, of which each has a page's rows.</summary>
    public (TimeSpan Time, int Rows) MeasurePages(string userId)
    {
        var versions = Versions(userId);
        var rows = 0;
        var before = Used();
        foreach (var version in versions) rows += Pull(userId, "AND version > @since AND version <= @upTo", version);
        return (Used() - before, rows);
    }

    /// <summary>How the rows of a pull that was given a timestamp are found, and those of a first one.</summary>
    public IEnumerable<string> Plans(string userId)
    {
        string[] statements =
        [
            "SELECT version FROM sync_users WHERE user_id = @user",
            "SELECT id FROM planner_tasks WHERE user_id = @user AND version > 1800000000000 AND version <= 1900000000000",
            "SELECT id FROM planner_tasks WHERE user_id = @user AND is_deleted = false",
        ];
        foreach (var sql in statements)
        {
            using var command = Command($"{(IsPostgres ? "EXPLAIN (COSTS OFF)" : "EXPLAIN QUERY PLAN")} {sql}", userId);
            using var reader = command.ExecuteReader();
            var steps = new List<string>();
            while (reader.Read()) steps.Add(reader.GetString(IsPostgres ? 0 : 3).Trim());
            yield return $"`{sql}`: {string.Join(", ", steps)}";
        }
    }

    /// <summary>Gives other people tasks of their own, straight into the tables.</summary>
    public void AddOthers(int people, int tasksOfEach)
    {
        using (var transaction = _connection.BeginTransaction())
        {
            Execute($"""
                WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {people - 1})
                INSERT INTO sync_users (user_id, version) SELECT 'other' || i, 1700000000000 FROM n
                """);
            Execute($"""
                WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {people * tasksOfEach - 1})
                INSERT INTO planner_tasks (user_id, id, title, created_at, updated_at, version)
                SELECT 'other' || (i / {tasksOfEach}), 'task' || i, 'Somebody else''s task ' || i, 1, 1, 1700000000000 FROM n
                """);
            transaction.Commit();
        }

        // What PostgreSQL does by itself within a minute.
        if (IsPostgres) Execute("VACUUM ANALYZE");
    }

    public void Dispose() => _connection.Dispose();

    private List<long> Versions(string userId)
    {
        using var command = Command("SELECT DISTINCT version FROM planner_tasks WHERE user_id = @user AND is_deleted = false", userId);
        using var reader = command.ExecuteReader();
        var versions = new List<long>();
        while (reader.Read()) versions.Add(reader.GetInt64(0));
        return versions;
    }

    private int Pull(string userId, string condition = "", long version = 0)
    {
        var buffer = new ArrayBufferWriter<byte>(2 * FlushBytes);
        using var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { SkipValidation = true });
        using var command = Command($"""
            SELECT id, title, description, is_completed, project_id, created_at, updated_at
            FROM planner_tasks
            WHERE user_id = @user AND is_deleted = false {condition}
            """, userId);
        if (version > 0)
        {
            Bind(command, "@since", version - 1);
            Bind(command, "@upTo", version);
        }

        using var reader = command.ExecuteReader();
        var rows = 0;
        json.WriteStartArray();
        while (reader.Read())
        {
            Write(json, reader);
            rows++;
            if (buffer.WrittenCount < FlushBytes) continue;
            json.Flush();
            buffer.ResetWrittenCount();
        }

        json.WriteEndArray();
        json.Flush();
        return rows;
    }

    private static void Write(Utf8JsonWriter json, DbDataReader row)
    {
        json.WriteStartObject();
        for (var i = 0; i < Names.Length; i++)
        {
            if (row.IsDBNull(i)) json.WriteNull(Names[i]);
            else if (i == 3) json.WriteBoolean(Names[i], row.GetBoolean(i));
            else if (i > 4) json.WriteNumber(Names[i], row.GetInt64(i));
            else json.WriteString(Names[i], row.GetString(i));
        }

        json.WriteEndObject();
    }

    private static TimeSpan Used()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private static JsonEncodedText[] Encoded(params string[] names) => [.. names.Select(name => JsonEncodedText.Encode(name))];

    private void Execute(string sql)
    {
        using var command = Command(sql, null);
        command.CommandTimeout = 300;
        command.ExecuteNonQuery();
    }

    private DbCommand Command(string sql, string? userId)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        if (userId is not null) Bind(command, "@user", userId);
        return command;
    }

    private static void Bind(DbCommand command, string name, object value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value);
        command.Parameters.Add(parameter);
    }
}

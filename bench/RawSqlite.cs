using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kontor.Bench;

/// <summary>
/// The limit for writes: one thread that does nothing but sell, a conditional UPDATE and a row in a ledger each, on a file of its own
/// with the settings that Kontor uses. No HTTP, no JSON, no carts.
/// </summary>
internal sealed class RawSqlite : IDisposable
{
    private const int Products = 31;

    private static readonly Lazy<string> Library = new(UseLibrary);

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _sell;
    private readonly SqliteCommand _note;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private long _sales;

    public RawSqlite(string folder)
    {
        _ = Library.Value;
        var file = new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "raw.db"), Pooling = false };
        _connection = new SqliteConnection(file.ToString());
        _connection.Open();
        foreach (var sql in Schema) Command(sql).ExecuteNonQuery();
        for (var i = 0; i < Products; i++) Command($"INSERT INTO stock VALUES ('{i}', 1000000000, 0)").ExecuteNonQuery();

        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _sell = Command("UPDATE stock SET reserved = reserved + 1 WHERE id = @id AND on_hand - reserved >= 1", "@id");
        _note = Command("INSERT INTO ledger (product_id, delta, actor, at) VALUES (@id, -1, @actor, @at)", "@id", "@actor", "@at");
    }

    public static string Version => Library.Value;

    private static IEnumerable<string> Schema =>
    [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        """
        CREATE TABLE stock (
            id TEXT PRIMARY KEY, on_hand BIGINT NOT NULL, reserved BIGINT NOT NULL, CHECK (reserved BETWEEN 0 AND on_hand)) WITHOUT ROWID
        """,
        """
        CREATE TABLE ledger (
            id INTEGER PRIMARY KEY, product_id TEXT NOT NULL, delta BIGINT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL)
        """,
    ];

    /// <returns>Sales per second, with so many to a commit.</returns>
    public double Measure(int group, TimeSpan time)
    {
        var begun = Stopwatch.GetTimestamp();
        var before = _sales;
        while (Stopwatch.GetElapsedTime(begun) < time)
        {
            _begin.ExecuteNonQuery();
            for (var i = 0; i < group; i++) Sell();
            _commit.ExecuteNonQuery();
        }

        return (_sales - before) / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    public void Dispose() => _connection.Dispose();

    private void Sell()
    {
        var id = (_sales++ % Products).ToString(System.Globalization.CultureInfo.InvariantCulture);
        _sell.Parameters[0].Value = id;
        if (_sell.ExecuteNonQuery() != 1) throw new BenchException("The stock of the raw measurement ran out.");
        _note.Parameters[0].Value = id;
        _note.Parameters[1].Value = "guest";
        _note.Parameters[2].Value = Stopwatch.GetTimestamp();
        _note.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters) command.Parameters.AddWithValue(name, "");
        return command;
    }

    /// <summary>The system's library, as the server prefers it.</summary>
    private static string UseLibrary()
    {
        if (NativeLibrary.TryLoad("libsqlite3.so.0", out var system))
        {
            NativeLibrary.SetDllImportResolver(
                typeof(SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => name == "e_sqlite3" ? system : IntPtr.Zero);
        }

        Batteries_V2.Init();
        return raw.sqlite3_libversion().utf8_to_string();
    }
}

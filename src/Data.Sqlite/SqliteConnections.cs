using System.Data.Common;
using System.Reflection;
using System.Runtime.InteropServices;
using Kontor.Foundation.Data;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Kontor.Data.Sqlite;

/// <summary>One open connection and the commands prepared on it, by their SQL text. Used by one caller at a time.</summary>
internal sealed class SqliteSession : ICommands, IDisposable
{
    // Far more texts than Kontor has; a caller that builds texts without end must not fill the memory.
    private const int CommandsMax = 1000;

    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    public required SqliteConnection Connection { get; init; }

    public DbCommand Rent(DbConnection connection, string sql)
    {
        // Taken out while it is used, so that a statement may run again inside its own result.
        if (_prepared.Remove(sql, out var known)) return known;
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }

    public void Return(DbCommand command)
    {
        if (_prepared.Count >= CommandsMax || !_prepared.TryAdd(command.CommandText, (SqliteCommand)command)) command.Dispose();
    }

    /// <summary>A statement without parameters or rows, such as `COMMIT`.</summary>
    public void Run(string sql)
    {
        var command = Rent(Connection, sql);
        try
        {
            command.ExecuteNonQuery();
        }
        finally
        {
            Return(command);
        }
    }

    /// <summary>False between `BEGIN` and `COMMIT`, unless SQLite itself ended the transaction after an error.</summary>
    public bool IsOutsideTransaction => raw.sqlite3_get_autocommit(Connection.Handle) != 0;

    public void Dispose()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        Connection.Dispose();
    }
}

internal static class SqliteConnections
{
    private static readonly Lazy<string> Library = new(UseLibrary);

    /// <summary>The SQLite that answers, and whether it is the system's patched one.</summary>
    public static string LibraryDescription => Library.Value;

    public static bool IsBundled => Library.Value.EndsWith("(bundled)", StringComparison.Ordinal);

    public static SqliteSession Open(string file, bool readOnly)
    {
        _ = Library.Value;
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Pooling = false,
            // Seconds that the driver waits when another process (a backup, an admin command) holds the lock.
            DefaultTimeout = 5,
        }.ToString());
        connection.Open();
        connection.CreateFunction("greatest", (long left, long right) => Math.Max(left, right), isDeterministic: true);
        var session = new SqliteSession { Connection = connection };
        foreach (var pragma in Pragmas(readOnly)) session.Run(pragma);
        return session;
    }

    private static IEnumerable<string> Pragmas(bool readOnly)
    {
        yield return "PRAGMA journal_mode = WAL";
        // Every commit is on disk before it is answered.
        yield return "PRAGMA synchronous = FULL";
        yield return "PRAGMA foreign_keys = ON";
        yield return "PRAGMA cache_size = -32000";
        yield return "PRAGMA mmap_size = 268435456";
        yield return "PRAGMA temp_store = MEMORY";
        // Some 32 MiB of log between two checkpoints, each of which waits for the disk twice.
        yield return "PRAGMA wal_autocheckpoint = 8000";
        if (readOnly) yield return "PRAGMA query_only = ON";
    }

    /// <summary>For the whole library, before its first use; what it refuses is only slower.</summary>
    private static void Configure()
    {
        const int StatementJournalSpill = 26;
        // A connection is used by one thread at a time, so it needs no mutex of its own; and nobody asks how much memory it has.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
        // What a savepoint needs to undo its work stays in memory, in one piece, up to so many bytes; by default it goes to a file beyond
        // 64 KiB, for each caller anew.
        _ = raw.sqlite3_config(StatementJournalSpill, 1024 * 1024);
    }

    private static string UseLibrary()
    {
        var provider = typeof(SQLite3Provider_e_sqlite3).Assembly;
        var system = IntPtr.Zero;
        if (NativeLibrary.TryLoad("libsqlite3.so.0", out system))
            NativeLibrary.SetDllImportResolver(provider, (name, _, _) => name == "e_sqlite3" ? system : IntPtr.Zero);
        Batteries_V2.Init();
        Configure();
        var version = raw.sqlite3_libversion().utf8_to_string();
        return system == IntPtr.Zero ? $"SQLite {version} (bundled)" : $"SQLite {version}";
    }
}

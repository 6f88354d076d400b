using System.Data.Common;
using Kontor.Foundation.Data;
using Kontor.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Kontor.Shop.Tests.Model;

/// <summary>
/// One connection to the engine under test, whose transaction is never committed: each write is a savepoint within it. So a story leaves
/// nothing behind, nothing waits for the disk, and stories on several connections do not see each other. SQLite, which has one writer,
/// gets a copy in memory.
/// </summary>
/// <param name="rewrite">What becomes of each statement.</param>
internal sealed class Sandbox(DbConnection connection, Dialect dialect, Func<string, string> rewrite) : Database, ICommands, IDisposable
{
    private const int ForgottenMax = 50;

    private static readonly string[] Tables =
    [
        "shop_stock", "shop_holds", "shop_ledger", "shop_carts", "shop_cart_lines", "shop_orders", "shop_order_lines", "shop_payments",
        "shop_refunds", "shop_payment_ledger", "shop_waiting",
    ];

    private readonly Dictionary<string, DbCommand> _prepared = [];
    private int _forgotten;
    private bool _isWriting;
    private int? _statementsLeft;

    public override Dialect Dialect => dialect;

    /// <summary>What is asked is added here, if somebody wants to know.</summary>
    public List<string>? Statements { get; set; }

    public static async Task<Sandbox> Of(KontorApp app, Func<string, string>? rewrite = null, bool ignoresChecks = false)
    {
        var settings = (Settings)app.Services.GetService(typeof(Settings))!;
        var connection = settings.Postgres is { } url ? await Postgres(url) : await CopyOf(Path.Combine(settings.DataFolder, "kontor.db"));
        return new(connection, app.Database.Dialect, rewrite ?? (sql => sql)) { IgnoresChecks = ignoresChecks };
    }

    /// <summary>The process dies just before so many more statements of a write have run.</summary>
    public void DieAfter(int statements) => _statementsLeft = statements;

    /// <returns>Whether it is still to die.</returns>
    public bool Revive()
    {
        var isAlive = _statementsLeft is not null;
        _statementsLeft = null;
        return isAlive;
    }

    /// <summary>The tables take what they would refuse, until everything is forgotten.</summary>
    public bool IgnoresChecks { get; init; }

    public async Task Begin()
    {
        if (IgnoresChecks && dialect.Name == "sqlite") await Plain.Execute("PRAGMA ignore_check_constraints = ON");
        await Plain.Execute("BEGIN");
        if (IgnoresChecks && dialect.Name != "sqlite") await Plain.Execute("ALTER TABLE shop_stock DROP CONSTRAINT shop_stock_check");
    }

    public async Task Forget()
    {
        await Plain.Execute("ROLLBACK");
        // What was never committed is still in the way of whoever reads whole tables, as the invariants do.
        if (dialect.Name == "postgres" && ++_forgotten % ForgottenMax == 0)
            await Plain.Execute($"VACUUM (TRUNCATE false) {string.Join(", ", Tables)}");
    }

    public override Task<T> Read<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => work(Plain);

    public override Task<T> Snapshot<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => work(Plain);

    public override async Task<T> Write<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
    {
        if (_isWriting) throw new InvalidOperationException("A write within a write.");
        var isDone = false;
        await Plain.Execute("SAVEPOINT step");
        _isWriting = true;
        try
        {
            var result = await work(Plain);
            isDone = !IsRefusal(result);
            return result;
        }
        finally
        {
            _isWriting = false;
            if (!isDone) await Plain.Execute("ROLLBACK TO SAVEPOINT step");
            await Plain.Execute("RELEASE SAVEPOINT step");
        }
    }

    public override Task Exclusively(Func<Tx, Task> work, CancellationToken ct = default) => Write(work, ct);

    public DbCommand Rent(DbConnection _, string sql)
    {
        if (_isWriting && _statementsLeft is not null && --_statementsLeft < 0)
        {
            _statementsLeft = null;
            throw new CrashException();
        }

        Statements?.Add(sql);
        var text = rewrite(sql);
        if (_prepared.Remove(text, out var known)) return known;
        var command = connection.CreateCommand();
        command.CommandText = text;
        return command;
    }

    public void Return(DbCommand command)
    {
        if (!_prepared.TryAdd(command.CommandText, command)) command.Dispose();
    }

    public void Dispose()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        connection.Dispose();
    }

    private Tx Plain => new(connection, dialect, this);

    private static async Task<DbConnection> Postgres(Uri url)
    {
        var user = url.UserInfo.Split(':', 2);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port,
            Database = url.AbsolutePath.TrimStart('/'),
            Username = user[0],
            Password = user.ElementAtOrDefault(1),
            MaxAutoPrepare = 300,
            AutoPrepareMinUsages = 2,
            Pooling = false,
        }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    private static async Task<DbConnection> CopyOf(string file)
    {
        await using var source = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        await source.OpenAsync();
        var copy = new SqliteConnection("Data Source=:memory:");
        await copy.OpenAsync();
        source.BackupDatabase(copy);
        copy.CreateFunction("greatest", (long left, long right) => Math.Max(left, right), isDeterministic: true);
        await using var pragma = copy.CreateCommand();
        pragma.CommandText = "PRAGMA foreign_keys = ON";
        await pragma.ExecuteNonQueryAsync();
        return copy;
    }
}

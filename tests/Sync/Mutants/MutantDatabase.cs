using System.Data.Common;
using Kontor.Foundation.Data;
using Microsoft.Data.Sqlite;

namespace Kontor.Sync.Tests.Mutants;

/// <summary>
/// The test's database, opened without the product's own care: what the mutant breaks is broken here, around the unchanged product. It
/// commits, rolls back and reads from snapshots as the product's engines do, but for what the mutant says.
/// </summary>
internal sealed class MutantDatabase(Database real, Func<DbConnection> newConnection, Mutant mutant) : Database
{
    private bool IsPostgres => real.Dialect.Name == "postgres";

    public override Dialect Dialect => real.Dialect;

    public override async Task<T> Read<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
    {
        await using var connection = await Open(ct);
        return await work(new Tx(connection, Dialect, new Commands(connection, mutant, begin: null)));
    }

    public override Task<T> Snapshot<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => mutant.HasNoSnapshot
        ? Read(work, ct)
        : Within(IsPostgres ? "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY" : "BEGIN", work, ct);

    public override Task<T> Write<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) =>
        Within(IsPostgres ? "BEGIN" : "BEGIN IMMEDIATE", work, ct);

    public override Task Exclusively(Func<Tx, Task> work, CancellationToken ct = default) => real.Exclusively(work, ct);

    private async Task<T> Within<T>(string begin, Func<Tx, Task<T>> work, CancellationToken ct)
    {
        await using var connection = await Open(ct);
        await Run(connection, begin);
        try
        {
            var result = await work(new Tx(connection, Dialect, new Commands(connection, mutant, begin)));
            await Run(connection, IsRefusal(result) ? "ROLLBACK" : "COMMIT");
            return result;
        }
        catch
        {
            await Run(connection, "ROLLBACK");
            throw;
        }
    }

    private async Task<DbConnection> Open(CancellationToken ct)
    {
        var connection = newConnection();
        await connection.OpenAsync(ct);
        if (connection is not SqliteConnection sqlite) return connection;
        sqlite.CreateFunction("greatest", (long left, long right) => Math.Max(left, right), isDeterministic: true);
        // Nothing here outlives the machine.
        await Run(sqlite, "PRAGMA synchronous = OFF");
        return sqlite;
    }

    private static async Task Run(DbConnection connection, string sql)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    private sealed class Commands(DbConnection connection, Mutant mutant, string? begin) : ICommands
    {
        private string _before = "";

        public DbCommand Rent(DbConnection _, string sql)
        {
            if (begin is not null && mutant.CommitsBetween(_before, sql))
            {
                Run(connection, "COMMIT").GetAwaiter().GetResult();
                Run(connection, begin).GetAwaiter().GetResult();
            }

            _before = sql;
            var command = connection.CreateCommand();
            command.CommandText = mutant.Rewrite(sql);
            return command;
        }

        public void Return(DbCommand command) => command.Dispose();
    }
}

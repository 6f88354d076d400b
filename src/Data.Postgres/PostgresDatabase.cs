using System.Data;
using System.Data.Common;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Kontor.Data.Postgres;

/// <summary>
/// A pool of connections; READ COMMITTED with the row locks written out in the SQL. Work that lost to a deadlock or a serialization
/// failure is run again.
/// </summary>
public sealed class PostgresDatabase(NpgsqlDataSource source, Signals signals) : Database
{
    private const int AttemptsMax = 8;

    /// <summary>Any number, the same in every version: nodes that start at once wait for each other on it.</summary>
    private const long MigrationLock = 7_305_102_946;

    private readonly PostgresDialect _dialect = new();

    public override Dialect Dialect => _dialect;

    public override Task<T> Read<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => Read(Commands.Usual, work, ct);

    public override Task<T> Snapshot<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
    {
        var commands = new Commands(null, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", "COMMIT");
        return Read(
            commands,
            async tx =>
            {
                // Ended by the connection's return to the pool when the work fails.
                var result = await work(tx);
                if (commands.TakeEnd() is { } end) await tx.Execute(end);
                return result;
            }, ct);
    }

    private async Task<T> Read<T>(Commands commands, Func<Tx, Task<T>> work, CancellationToken ct)
    {
        await using var connection = await Open(ct);
        try
        {
            return await work(new Tx(connection, _dialect, commands));
        }
        catch (NpgsqlException exception) when (IsOutage(exception))
        {
            throw new DatabaseUnavailableException("PostgreSQL was lost while it was read.", exception);
        }
    }

    public override Task<T> Write<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => Write(work, Commands.Usual, ct);

    /// <summary>A migration, and the wait for another node's, may take as long as it takes.</summary>
    public override Task Exclusively(Func<Tx, Task> work, CancellationToken ct = default) => Write(
        async tx =>
        {
            await tx.Execute($"SELECT pg_advisory_xact_lock({MigrationLock})");
            await work(tx);
            return true;
        }, Commands.Patient, ct);

    private async Task<T> Write<T>(Func<Tx, Task<T>> work, Commands commands, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnce(work, commands, ct);
            }
            catch (PostgresException exception) when (IsWorthRepeating(exception) && attempt < AttemptsMax)
            {
                await Task.Delay(Random.Shared.Next(1, 10 * attempt), ct);
            }
            catch (NpgsqlException exception) when (IsOutage(exception))
            {
                throw new DatabaseUnavailableException("PostgreSQL was lost before the commit.", exception);
            }
        }
    }

    private async Task<T> WriteOnce<T>(Func<Tx, Task<T>> work, Commands commands, CancellationToken ct)
    {
        await using var connection = await Open(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        var tx = new Tx(connection, _dialect, commands);
        var result = await work(tx);
        if (IsRefusal(result))
        {
            await transaction.RollbackAsync(CancellationToken.None);
            return result;
        }

        foreach (var (channel, payload) in tx.Signals)
        {
            var message = PostgresSignals.Message(signals.Node, channel, payload);
            await tx.Execute("SELECT pg_notify('kontor', @message)", new { message });
        }

        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        catch (Exception exception) when (exception is not PostgresException { InvariantSeverity: "ERROR" })
        {
            // An ERROR says that it was undone. What ends the connection instead (FATAL, or no word at all) may come after the commit.
            throw new OutcomeUnknownException(exception);
        }

        foreach (var (channel, payload) in tx.Signals) signals.Raise(channel, payload);
        return result;
    }

    private async Task<NpgsqlConnection> Open(CancellationToken ct)
    {
        try
        {
            return await source.OpenConnectionAsync(ct);
        }
        catch (NpgsqlException exception)
        {
            throw new DatabaseUnavailableException("PostgreSQL does not answer.", exception);
        }
    }

    private static bool IsWorthRepeating(PostgresException exception) =>
        exception.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>The connection broke or was ended by the server, as when it is restarted; before a commit, so nothing was done.</summary>
    private static bool IsOutage(NpgsqlException exception) =>
        exception is not PostgresException { SqlState: var state }
        || state.StartsWith("57P", StringComparison.Ordinal)
        || state.StartsWith("08", StringComparison.Ordinal)
        || state.StartsWith("53", StringComparison.Ordinal);

    /// <summary>The driver prepares by itself what is used often.</summary>
    /// <param name="seconds">How long one may take; null is what the connection says, 0 for ever.</param>
    /// <param name="begin">Is sent with the first one, in its round trip.</param>
    /// <param name="end">Is sent with the last one, or after it.</param>
    private sealed class Commands(int? seconds, string? begin = null, string? end = null) : ICommands
    {
        public static readonly Commands Usual = new(null);
        public static readonly Commands Patient = new(0);

        private string? _begin = begin;
        private string? _end = end;

        public DbCommand Rent(DbConnection connection, string sql)
        {
            var command = new NpgsqlCommand(TakeBegin() is { } first ? $"{first}; {sql}" : sql, (NpgsqlConnection)connection);
            if (seconds is { } limit) command.CommandTimeout = limit;
            return command;
        }

        public void Return(DbCommand command) => command.Dispose();

        public DbBatch NewBatch(DbConnection connection)
        {
            var batch = connection.CreateBatch();
            if (seconds is { } limit) batch.Timeout = limit;
            if (TakeBegin() is { } first) batch.BatchCommands.Add(new NpgsqlBatchCommand(first));
            return batch;
        }

        public string? TakeEnd()
        {
            var last = _end;
            _end = null;
            return last;
        }

        private string? TakeBegin()
        {
            var first = _begin;
            _begin = null;
            return first;
        }
    }
}

public static class PostgresSetup
{
    /// <param name="services">Gets a <see cref="Database"/>.</param>
    /// <param name="url">`postgres://user:password@host:port/name`; parameters after `?` are the driver's own.</param>
    public static void AddPostgres(this IServiceCollection services, Uri url)
    {
        var source = NpgsqlDataSource.Create(ConnectionString(url));
        services.AddSingleton(source);
        services.AddSingleton<Database, PostgresDatabase>();
    }

    /// <summary>Hears other nodes' signals.</summary>
    public static void AddPostgresSignals(this IServiceCollection services) => services.AddHostedService<PostgresSignals>();

    internal static string ConnectionString(Uri url)
    {
        var user = url.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder
        {
            Host = url.Host,
            Port = url.Port > 0 ? url.Port : 5432,
            Database = Uri.UnescapeDataString(url.AbsolutePath.TrimStart('/')),
            Username = Uri.UnescapeDataString(user[0]),
            Password = user.Length > 1 ? Uri.UnescapeDataString(user[1]) : null,
            // What a session would keep is never set: seven statements less each time that a connection is taken.
            NoResetOnClose = true,
            // A page of rows is more than the driver's 8 KiB, and each filling is a call of the system.
            ReadBufferSize = 32 * 1024,
            MaxAutoPrepare = 200,
            AutoPrepareMinUsages = 2,
            // Two nodes fit below PostgreSQL's default of 100 connections.
            MaxPoolSize = 40,
            // Seconds that a caller waits for one of them: in a rush for one product, longer than the queue for its row.
            Timeout = 15,
            CommandTimeout = 15,
            ApplicationName = "kontor",
        };
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = pair.Split('=', 2);
            builder[Uri.UnescapeDataString(parts[0])] = Uri.UnescapeDataString(parts.ElementAtOrDefault(1) ?? "");
        }

        return builder.ToString();
    }
}

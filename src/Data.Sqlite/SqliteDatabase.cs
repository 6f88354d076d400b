using System.Collections.Concurrent;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Data.Sqlite;

/// <summary>One file, many readers, one writer (<see cref="GroupWriter"/>). Write-ahead log, synced at every commit.</summary>
public sealed partial class SqliteDatabase : Database, IDisposable
{
    /// <summary>Reads do not wait for anything but the disk, so more than a few at once would only wait for a core.</summary>
    private static readonly int ReadersMax = Math.Max(4, 2 * Environment.ProcessorCount);

    private readonly SqliteDialect _dialect = new();
    private readonly string _file;
    private readonly GroupWriter _writer;
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SemaphoreSlim _readersFree = new(ReadersMax);

    public SqliteDatabase(string file, Signals signals, IHostApplicationLifetime lifetime, ILogger<SqliteDatabase> logger)
    {
        _file = file;
        LogLibrary(logger, SqliteConnections.LibraryDescription);
        if (SqliteConnections.IsBundled) LogBundled(logger);
        _writer = new GroupWriter(
            SqliteConnections.Open(file, readOnly: false),
            _dialect,
            committed =>
            {
                foreach (var (channel, payload) in committed) signals.Raise(channel, payload);
            },
            fatal =>
            {
                // What the file holds is known again only after SQLite's recovery at the next start.
                LogBroken(logger, fatal);
                Environment.ExitCode = 70;
                lifetime.StopApplication();
            });
    }

    public override Dialect Dialect => _dialect;

    public override bool HasOneNode => true;

    internal GroupWriter Writer => _writer;

    public override async Task<T> Read<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
    {
        await _readersFree.WaitAsync(ct);
        try
        {
            if (!_readers.TryTake(out var session)) session = SqliteConnections.Open(_file, readOnly: true);
            var tx = new Tx(session.Connection, _dialect, session);
            try
            {
                return await work(tx);
            }
            finally
            {
                tx.End();
                _readers.Add(session);
            }
        }
        finally
        {
            _readersFree.Release();
        }
    }

    public override Task<T> Snapshot<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => Read(
        async tx =>
        {
            await tx.Execute("BEGIN");
            try
            {
                return await work(tx);
            }
            finally
            {
                await tx.Execute("COMMIT");
            }
        }, ct);

    public override async Task<T> Write<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
    {
        ct.ThrowIfCancellationRequested();
        var job = new WriteJob<T>(work);
        _writer.Enqueue(job);
        if (!ct.CanBeCanceled) return await job.Answer;
        await using var registration = ct.UnsafeRegister(static (state, token) => ((WriteJob<T>)state!).Cancel(token), job);
        return await job.Answer;
    }

    /// <summary>A write has the file to itself, also against other processes.</summary>
    public override Task Exclusively(Func<Tx, Task> work, CancellationToken ct = default) => Write(work, ct);

    public void Dispose()
    {
        _writer.Dispose();
        foreach (var reader in _readers) reader.Dispose();
        _readersFree.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Library}")]
    private static partial void LogLibrary(ILogger logger, string library);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "libsqlite3.so.0 is not installed, so an older SQLite with known faults is used. Install it: apt-get install libsqlite3-0")]
    private static partial void LogBundled(ILogger logger);

    [LoggerMessage(Level = LogLevel.Critical, Message = "The database file had an I/O error; the server ends, and recovers when it starts")]
    private static partial void LogBroken(ILogger logger, Exception exception);
}

public static class SqliteSetup
{
    /// <param name="services">Gets a <see cref="Database"/>.</param>
    /// <param name="file">Created when it does not exist; its folder must.</param>
    public static void AddSqlite(this IServiceCollection services, string file) =>
        services.AddSingleton<Database>(provider => ActivatorUtilities.CreateInstance<SqliteDatabase>(provider, file));
}

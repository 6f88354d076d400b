using System.Collections.Concurrent;
using System.Data.Common;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Home.Tests.Sources;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Kontor.Home.Tests;

/// <summary>Home and phones on a database that fails, or does not answer, when a test wants that.</summary>
public class BrokenDatabaseApp : PhoneHomeApp
{
    protected override IReadOnlyList<IModule> Modules => [.. base.Modules, new Keeper()];

    internal FragileDatabase Fragile => (FragileDatabase)Database;

    /// <summary>What was logged as an error.</summary>
    internal ConcurrentQueue<string> Errors { get; } = [];

    protected override void Configure(WebApplicationBuilder builder)
    {
        base.Configure(builder);
        builder.Configuration["Home:StoredWaitMs"] = "200";
        builder.Logging.AddProvider(new ErrorList(Errors));
    }

    private sealed class Keeper : IModule
    {
        public string Name => "keeper";

        public void AddServices(IServiceCollection services, IConfiguration configuration) =>
            services.PutBeforeDatabase((_, real) => new FragileDatabase(real));

        public void MapEndpoints(IEndpointRouteBuilder routes)
        {
        }
    }

    private sealed class ErrorList(ConcurrentQueue<string> errors) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) errors.Enqueue(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}

internal sealed class FragileDatabase(Database inner) : Database
{
    private volatile TaskCompletionSource? _silence;
    private volatile bool _fails;
    private volatile string? _table;

    public override Dialect Dialect => inner.Dialect;

    public override bool HasOneNode => inner.HasOneNode;

    /// <summary>Until the answer is disposed it is down: it fails at once, or answers nobody.</summary>
    public IDisposable Break(bool silently)
    {
        _fails = !silently;
        var silence = _silence = silently ? new(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        return new Mending(() =>
        {
            (_fails, _silence) = (false, null);
            silence?.SetResult();
        });
    }

    /// <summary>Until the answer is disposed whoever reads this table fails, and all else is well.</summary>
    public IDisposable Break(string table)
    {
        _table = table;
        return new Mending(() => _table = null);
    }

    public override async Task<T> Read<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
    {
        await Pass();
        return await inner.Read(tx => work(_table is { } table ? Without(table, tx) : tx), ct);
    }

    public override async Task<T> Snapshot<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
    {
        await Pass();
        return await inner.Snapshot(work, ct);
    }

    public override async Task<T> Write<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
    {
        await Pass();
        return await inner.Write(work, ct);
    }

    public override Task Exclusively(Func<Tx, Task> work, CancellationToken ct = default) => inner.Exclusively(work, ct);

    private async Task Pass()
    {
        if (_fails) throw new DatabaseUnavailableException("This database is down.");
        if (_silence is { } silence) await silence.Task;
    }

    private static Tx Without(string table, Tx tx) =>
        new(TxParts.Of<DbConnection>(tx), tx.Dialect, new Commands(TxParts.Of<ICommands>(tx), table));

    private sealed class Commands(ICommands all, string broken) : ICommands
    {
        public DbCommand Rent(DbConnection connection, string sql) =>
            sql.Contains(broken, StringComparison.Ordinal)
                ? throw new InvalidOperationException("It is damaged.")
                : all.Rent(connection, sql);

        public void Return(DbCommand command) => all.Return(command);
    }

    private sealed class Mending(Action mend) : IDisposable
    {
        public void Dispose() => mend();
    }
}

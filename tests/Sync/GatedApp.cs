using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Sync.Tests;

/// <summary>Sync, on a database whose reads stand still when a test wants that.</summary>
public class GatedApp : SyncApp
{
    protected override IReadOnlyList<IModule> Modules => [.. base.Modules, new Keeper()];

    internal Gate Gate => (Gate)Database;

    private sealed class Keeper : IModule
    {
        public string Name => "keeper";

        public void AddServices(IServiceCollection services, IConfiguration configuration) =>
            services.PutBeforeDatabase((_, real) => new Gate(real));

        public void MapEndpoints(IEndpointRouteBuilder routes)
        {
        }
    }
}

internal sealed class Gate(Database inner) : Database
{
    private TaskCompletionSource? _before;
    private TaskCompletionSource? _after;
    private int _reads;

    public int Reads => _reads;

    /// <summary>Every read ends with an exception.</summary>
    public bool Fails { get; set; }

    public Action BeforeRead { get; set; } = () => { };

    public override Dialect Dialect => inner.Dialect;

    public override bool HasOneNode => inner.HasOneNode;

    /// <summary>Reads wait, with or without having read, until the answer is disposed.</summary>
    public IDisposable Close(bool afterRead = false)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (afterRead) _after = closed;
        else _before = closed;
        return new Opening(() =>
        {
            (_before, _after) = (null, null);
            closed.SetResult();
        });
    }

    public override async Task<T> Read<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
    {
        Interlocked.Increment(ref _reads);
        BeforeRead();
        if (Fails) throw new InvalidOperationException("This database does not read.");
        await (_before?.Task ?? Task.CompletedTask);
        var found = await inner.Read(work, ct);
        await (_after?.Task ?? Task.CompletedTask);
        return found;
    }

    public override Task<T> Snapshot<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => inner.Snapshot(work, ct);

    public override Task<T> Write<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => inner.Write(work, ct);

    public override Task Exclusively(Func<Tx, Task> work, CancellationToken ct = default) => inner.Exclusively(work, ct);

    private sealed class Opening(Action open) : IDisposable
    {
        public void Dispose() => open();
    }
}

using Kontor.Foundation;
using Kontor.Foundation.Data;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Testing;

/// <summary>A module of tests that lets a rival in between what a request has read and what it writes.</summary>
public sealed class Rival : IModule
{
    private (string Method, string Path, Func<Task> Rival)? _next;

    public string Name => "rival";

    /// <param name="method">Of the request that stands still, once, right before its transaction.</param>
    /// <param name="path">As <paramref name="method"/>.</param>
    /// <param name="rival">What happens meanwhile, to its end.</param>
    public void BeforeWriteOf(string method, string path, Func<Task> rival) => _next = (method, path, rival);

    public void ShouldHaveMet()
    {
        if (_next is { } waiting) throw new InvalidOperationException($"{waiting.Method} {waiting.Path} never came to a write.");
    }

    /// <summary>On PostgreSQL: until somebody waits for a lock, which this transaction may hold.</summary>
    public static async Task WaitsFor(Tx tx)
    {
        for (var i = 0; i < 1000; i++)
        {
            var waiting = await tx.First<long>(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
            if (waiting > 0) return;
            await tx.Execute("SELECT pg_sleep(0.02)");
        }

        throw new InvalidOperationException("The rival does not wait.");
    }

    public void AddServices(IServiceCollection services, IConfiguration configuration)
    {
        services.AddHttpContextAccessor();
        services.PutBeforeDatabase((provider, real) => new Standstill(real, this, provider.GetRequiredService<IHttpContextAccessor>()));
    }

    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
    }

    private Task Meet(HttpRequest request)
    {
        if (_next is not { } next || request.Method != next.Method || request.Path != next.Path) return Task.CompletedTask;
        _next = null;
        return next.Rival();
    }

    private sealed class Standstill(Database inner, Rival rival, IHttpContextAccessor requests) : Database
    {
        public override Dialect Dialect => inner.Dialect;

        public override bool HasOneNode => inner.HasOneNode;

        public override Task<T> Read<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => inner.Read(work, ct);

        public override Task<T> Snapshot<T>(Func<Tx, Task<T>> work, CancellationToken ct = default) => inner.Snapshot(work, ct);

        public override async Task<T> Write<T>(Func<Tx, Task<T>> work, CancellationToken ct = default)
        {
            if (requests.HttpContext is { } http) await rival.Meet(http.Request);
            return await inner.Write(work, ct);
        }

        public override Task Exclusively(Func<Tx, Task> work, CancellationToken ct = default) => inner.Exclusively(work, ct);
    }
}

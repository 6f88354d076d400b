using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Sync.Tests;

/// <summary>Sync with a product that shares a catalogue with everybody.</summary>
public class CatalogueApp : SyncApp
{
    protected override IReadOnlyList<IModule> Modules => [.. base.Modules, new Things()];

    /// <summary>All of them with one version.</summary>
    public Task Share(string name, params IEnumerable<string> ids) => Database.Write(async tx =>
    {
        var version = await Service<ISyncVersions>().DrawShared(tx);
        foreach (var id in ids)
        {
            await tx.Execute("""
                INSERT INTO things_rows (id, name, version) VALUES (@id, @name, @version)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, version = excluded.version, is_deleted = false
                """, new { id, name, version });
        }
    });

    public Task Unshare(string id) => Database.Write(async tx =>
    {
        var version = await Service<ISyncVersions>().DrawShared(tx);
        await tx.Execute("UPDATE things_rows SET is_deleted = true, version = @version WHERE id = @id", new { id, version });
    });

    public Task<List<(string Id, string Name)>> Shared() => Database.Read(async tx =>
    {
        var rows = await tx.Query<Thing>("SELECT id, name FROM things_rows WHERE is_deleted = false ORDER BY id");
        return rows.Select(row => (row.Id, row.Name)).ToList();
    });

    private sealed record Thing(string Id, string Name);

    private sealed class Table(Database database) : IWarmUp
    {
        public Task WarmUp(CancellationToken ct) => database.Write(
            async tx =>
            {
                await tx.Execute("""
                    CREATE TABLE IF NOT EXISTS things_rows (
                        id TEXT PRIMARY KEY, name TEXT NOT NULL, version BIGINT NOT NULL, is_deleted BOOLEAN NOT NULL DEFAULT false)
                    """);
                await tx.Execute("CREATE INDEX IF NOT EXISTS things_rows_version ON things_rows (version)");
            }, ct);
    }

    private sealed class Things : IModule, ISyncTable
    {
        public string Name => "things";

        public SyncTable Shape { get; } = new("things", "things_rows", [new("name", SyncType.Text)], Since: 2, Kind: SyncKind.Shared);

        public void AddServices(IServiceCollection services, IConfiguration configuration) =>
            services.AddSingleton<ISyncTable>(this).AddSingleton<IWarmUp, Table>();

        public void MapEndpoints(IEndpointRouteBuilder routes)
        {
        }
    }
}

using Kontor.Foundation.Data;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

public sealed class MigrationTests : IAsyncLifetime
{
    private TestDatabase _database = null!;

    public async ValueTask InitializeAsync() => _database = await TestDatabase.Create();

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Nodes_that_start_at_once_apply_each_migration_once()
    {
        var nodes = Enumerable.Range(0, 4).Select(_ => Node()).ToList();

        await Task.WhenAll(nodes.Select(node => Task.Run(() => Migrate(node))));

        var applied = await On(nodes[0]).Read(tx => tx.Query<string>("SELECT name FROM foundation_migrations ORDER BY name").AsTask());
        applied.ShouldBe(["events-of-people", "foundation", "things"]);
        foreach (var node in nodes) await node.DisposeAsync();
    }

    [Fact]
    public async Task A_second_start_changes_nothing()
    {
        await using var node = Node();
        await Migrate(node);
        await On(node).Write(tx => tx.Execute("INSERT INTO test_things (id, pieces) VALUES ('a', 1)").AsTask());
        await Migrate(node);
        (await On(node).Read(tx => tx.First<long>("SELECT COUNT(*) FROM test_things").AsTask())).ShouldBe(1);
    }

    [Fact]
    public async Task A_database_that_is_newer_than_the_build_is_refused()
    {
        await using var node = Node();
        await Migrate(node);
        await Execute(node, "INSERT INTO foundation_migrations VALUES ('test', 2, 'later', 'x', 0)");

        (await Should.ThrowAsync<MigrationException>(Migrate(node))).Message.ShouldContain("newer than this build");
    }

    [Fact]
    public async Task A_migration_that_changed_after_it_was_applied_is_refused()
    {
        await using var node = Node();
        await Migrate(node);
        await Execute(node, "UPDATE foundation_migrations SET checksum = 'other' WHERE module = 'test'");

        (await Should.ThrowAsync<MigrationException>(Migrate(node))).Message.ShouldContain("changed after it was applied");
    }

    [Fact]
    public async Task The_tables_of_a_module_that_is_not_part_of_this_build_do_not_matter()
    {
        await using var node = Node();
        await Migrate(node);
        await Execute(node, "INSERT INTO foundation_migrations VALUES ('gone', 9, 'x', 'x', 0)");
        await Migrate(node);
    }

    private WebApplication Node() => KontorHost.Build(
        new Settings { Port = 0, DataFolder = _database.DataFolder, Postgres = _database.Url }, [new ThingsModule()],
        builder => builder.Logging.ClearProviders());

    private static Database On(WebApplication node) => node.Services.GetRequiredService<Database>();

    private static Task Migrate(WebApplication node) => node.Services.GetRequiredService<Migrations>().Apply();

    private static Task Execute(WebApplication node, string sql) => On(node).Write(tx => tx.Execute(sql).AsTask());
}

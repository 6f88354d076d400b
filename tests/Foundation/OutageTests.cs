using Kontor.Data.Postgres;
using Kontor.Foundation.Data;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

/// <summary>What a caller is told when PostgreSQL goes away, and that nobody is told more than is known.</summary>
public sealed class OutageTests : IAsyncLifetime
{
    private static readonly Uri Nowhere = new("postgres://kontor@nowhere.invalid/kontor");

    private TestDatabase _database = null!;
    private ServiceProvider _services = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        // Some seconds are enough here for any statement but the one that is to take longer.
        _services = Services(_database.Url is { } url ? new Uri($"{url}?Command%20Timeout=3") : Nowhere);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_server_whose_name_is_not_found_is_an_outage()
    {
        await using var nowhere = Services(Nowhere);
        await Should.ThrowAsync<DatabaseUnavailableException>(nowhere.GetRequiredService<Database>().Ping());
    }

    [Fact]
    public async Task A_node_outlives_the_loss_of_the_servers_name()
    {
        await using var nowhere = Services(Nowhere);
        var listener = (BackgroundService)nowhere.GetServices<IHostedService>().Single();
        await listener.StartAsync(CancellationToken.None);

        // A background service that fails ends the whole server.
        await Task.WhenAny(listener.ExecuteTask!, Task.Delay(500));
        listener.ExecuteTask!.IsCompleted.ShouldBeFalse();
        await listener.StopAsync(CancellationToken.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_that_loses_its_connection_is_an_outage_and_no_bug(bool snapshot)
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has no connections to lose.");
        Func<Tx, Task<int>> work = async tx => await tx.Execute("SELECT pg_terminate_backend(pg_backend_pid())");
        await Should.ThrowAsync<DatabaseUnavailableException>(snapshot ? Database.Snapshot(work) : Database.Read(work));
        await Database.Ping();
    }

    [Fact]
    public async Task A_snapshot_that_fails_leaves_no_transaction_behind()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "On SQLite a snapshot ends itself.");
        await Should.ThrowAsync<InvalidTimeZoneException>(Database.Snapshot<int>(async tx =>
        {
            await tx.Execute("SELECT 1");
            throw new InvalidTimeZoneException("mine");
        }));
        await Should.ThrowAsync<PostgresException>(Database.Snapshot(tx => tx.Execute("CREATE TABLE t (id BIGINT)").AsTask()));

        var isolation = await Database.Write(tx => tx.First<string>("SELECT current_setting('transaction_isolation')").AsTask());
        isolation.ShouldBe("read committed");
        await Database.Write(tx => tx.Execute("CREATE TABLE t (id BIGINT)").AsTask());
    }

    [Fact]
    public async Task A_server_that_ends_the_connection_at_the_commit_leaves_the_outcome_unknown()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has no connections to lose.");
        await Database.Write(tx => tx.Execute("""
            CREATE TABLE t (id BIGINT);
            CREATE FUNCTION leave() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER leaves AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION leave();
            """).AsTask());

        await Should.ThrowAsync<OutcomeUnknownException>(Database.Write(tx => tx.Execute("INSERT INTO t (id) VALUES (1)").AsTask()));
    }

    [Fact]
    public async Task A_commit_that_the_server_refuses_is_known_not_to_be_done()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite checks nothing at the commit.");
        await Database.Write(tx => tx.Execute("CREATE TABLE t (id BIGINT UNIQUE DEFERRABLE INITIALLY DEFERRED)").AsTask());
        var twice = await Should.ThrowAsync<PostgresException>(Database.Write(tx => tx.Execute("INSERT INTO t VALUES (1), (1)").AsTask()));
        Database.Dialect.IsUniqueViolation(twice).ShouldBeTrue();
    }

    [Fact]
    public async Task A_migration_may_take_longer_than_any_request()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "Nothing on SQLite is given up for its length.");
        await Should.ThrowAsync<DatabaseUnavailableException>(Database.Write(tx => tx.Execute("SELECT pg_sleep(4)").AsTask()));

        var first = Database.Exclusively(tx => tx.Execute("SELECT pg_sleep(4)").AsTask());
        // And so may another node's, for which this one waits.
        await Database.Exclusively(tx => tx.Execute("SELECT 1").AsTask());
        await first;
    }

    private Database Database => _services.GetRequiredService<Database>();

    private static ServiceProvider Services(Uri url)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<Events.Signals>();
        services.AddPostgres(url);
        services.AddPostgresSignals();
        return services.BuildServiceProvider();
    }
}

using System.Collections.Concurrent;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

/// <summary>Two nodes over one database hear of each other's commits.</summary>
public sealed class SignalTests : IAsyncLifetime
{
    private TestDatabase _database = null!;
    private WebApplication _one = null!;
    private WebApplication _two = null!;

    public async ValueTask InitializeAsync()
    {
        _database = await TestDatabase.Create();
        (_one, _two) = (await Node(), await Node());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in new[] { _one, _two })
        {
            await node.StopAsync();
            await node.DisposeAsync();
        }

        await _database.DisposeAsync();
    }

    [Fact]
    public async Task What_one_node_commits_both_hear_once()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        var (first, second) = (Listen(_one), Listen(_two));

        await On(_one).Write(tx =>
        {
            tx.Signal("greeting", "hello\nworld");
            return Task.CompletedTask;
        });

        await ThingsApp.Eventually(() => Task.FromResult(second.Contains("hello\nworld")));
        await Task.Delay(200);
        first.Count(message => message == "hello\nworld").ShouldBe(1);
        second.Count(message => message == "hello\nworld").ShouldBe(1);
    }

    [Fact]
    public async Task A_node_that_lost_the_channel_is_told_to_look_for_itself()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        var lost = 0;
        _two.Services.GetRequiredService<Signals>().Lost += () => Interlocked.Increment(ref lost);

        await On(_one).Write(tx => tx.Execute("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'
            """).AsTask());

        await ThingsApp.Eventually(() => Task.FromResult(lost > 0));
        var second = Listen(_two);
        await On(_one).Write(tx =>
        {
            tx.Signal("greeting", "again");
            return Task.CompletedTask;
        });
        await ThingsApp.Eventually(() => Task.FromResult(second.Contains("again")));
    }

    [Fact]
    public async Task A_subscriber_that_fails_does_not_keep_the_loss_from_the_others()
    {
        var signals = _one.Services.GetRequiredService<Signals>();
        var told = 0;
        signals.Lost += () => throw new InvalidOperationException("mine");
        signals.Lost += () => Interlocked.Increment(ref told);

        signals.RaiseLost();

        told.ShouldBe(1);
        await On(_one).Ping();
    }

    [Fact]
    public async Task Work_that_lost_to_a_deadlock_is_run_again()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one writer.");
        await On(_one).Write(tx => tx.Execute("INSERT INTO test_things (id, pieces) VALUES ('a', 0), ('b', 0)").AsTask());
        var both = new Barrier(2);
        var runs = 0;

        Task Crosswise(string first, string second) => On(_one).Write(async tx =>
        {
            var run = Interlocked.Increment(ref runs);
            await Add(tx, first);
            // Both hold their first row; whoever asks second is the deadlock's victim, and meets nobody when it runs again.
            if (run <= 2) await Task.Run(() => both.SignalAndWait(TimeSpan.FromSeconds(30)));
            await Add(tx, second);
        });

        await Task.WhenAll(Crosswise("a", "b"), Crosswise("b", "a"));

        runs.ShouldBeGreaterThan(2);
        (await On(_one).Read(tx => tx.Query<long>("SELECT pieces FROM test_things").AsTask())).ShouldBe([2, 2]);
    }

    [Fact]
    public async Task A_server_that_ends_the_connection_is_an_outage_and_no_bug()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has no connections to lose.");
        await Should.ThrowAsync<DatabaseUnavailableException>(On(_one).Write(async tx =>
        {
            await tx.Execute("INSERT INTO test_things (id, pieces) VALUES ('lost', 0)");
            await tx.Execute("SELECT pg_terminate_backend(pg_backend_pid())");
            await tx.Execute("SELECT 1");
        }));
        (await On(_one).Read(tx => tx.First<long>("SELECT COUNT(*) FROM test_things WHERE id = 'lost'").AsTask())).ShouldBe(0);
    }

    private static async Task Add(Tx tx, string id) =>
        await tx.Execute("UPDATE test_things SET pieces = pieces + 1 WHERE id = @id", new { id });

    private static ConcurrentBag<string> Listen(WebApplication node)
    {
        var heard = new ConcurrentBag<string>();
        node.Services.GetRequiredService<Signals>().Subscribe("greeting", heard.Add);
        return heard;
    }

    private async Task<WebApplication> Node()
    {
        var settings = new Settings { Port = 0, DataFolder = _database.DataFolder, Postgres = _database.Url };
        var node = KontorHost.Build(settings, [new ThingsModule()], builder => builder.Logging.ClearProviders());
        await KontorHost.Prepare(node, settings);
        var listening = new TaskCompletionSource();
        node.Services.GetRequiredService<Signals>().Lost += () => listening.TrySetResult();
        await node.StartAsync();
        if (TestDatabase.IsPostgres) await listening.Task;
        return node;
    }

    private static Database On(WebApplication node) => node.Services.GetRequiredService<Database>();
}

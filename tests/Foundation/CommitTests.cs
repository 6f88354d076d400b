using Kontor.Data.Sqlite;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using SQLitePCL;
using Xunit;

namespace Kontor.Foundation.Tests;

/// <summary>What the callers of a group are told when SQLite refuses to commit it.</summary>
public sealed class CommitTests : IDisposable
{
    private static readonly Problem Refused = new(409, "refused", "No.");

    private readonly string _folder = Directory.CreateTempSubdirectory("kontor-commit-").FullName;
    private readonly Signals _signals = new(NullLogger<Signals>.Instance);
    private readonly SqliteDatabase _database;
    private int _commitsUntilRefused;

    public CommitTests()
    {
        _database = new SqliteDatabase(
            Path.Combine(_folder, "test.db"), _signals, new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance),
            NullLogger<SqliteDatabase>.Instance);
        _database.Write(tx => tx.Execute("CREATE TABLE t (n BIGINT NOT NULL, text TEXT)").AsTask()).Wait();
        raw.sqlite3_commit_hook(
            _database.Writer.Session.Connection.Handle, _ => Interlocked.Decrement(ref _commitsUntilRefused) == 0 ? 1 : 0, null);
    }

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_commit_that_fails_is_told_to_all_whose_work_was_in_it()
    {
        var heard = new List<string>();
        using var subscription = _signals.Subscribe("t", heard.Add);
        // One refuses because of what the other wrote, which is undone.
        var group = await AsOneGroup(
            () => _database.Write(async tx =>
            {
                await tx.Execute("INSERT INTO t (n) VALUES (1)");
                tx.Signal("t", "inserted");
            }),
            () => _database.Write<Outcome<long>>(async tx => await tx.First<long>("SELECT COUNT(*) FROM t") > 0 ? Refused : 0));

        group.ShouldAllBe(task => task.Exception!.InnerException is OutcomeUnknownException);
        heard.ShouldBeEmpty();
        await Insert(2);
        (await Numbers()).ShouldBe([2]);
    }

    [Fact]
    public async Task After_a_group_fell_apart_one_commit_that_fails_is_nobody_elses()
    {
        var pages = await _database.Read(tx => tx.First<long>("PRAGMA page_count").AsTask());
        _database.Writer.Session.Run($"PRAGMA max_page_count = {pages + 5}");

        var group = await AsOneGroup(
            () => _database.Write(tx => tx.Execute(
                "INSERT INTO t (n, text) VALUES (1, @text)", new { text = new string('x', 1_000_000) }).AsTask()),
            () => Insert(2),
            () => Insert(3));

        group[0].Exception!.InnerException.ShouldBeOfType<SqliteException>().SqliteErrorCode.ShouldBe(raw.SQLITE_FULL);
        group[1].Exception!.InnerException.ShouldBeOfType<OutcomeUnknownException>();
        group[2].IsCompletedSuccessfully.ShouldBeTrue();
        (await Numbers()).ShouldBe([3]);
    }

    [Fact]
    public async Task A_Tx_that_only_read_is_of_no_use_after_its_end()
    {
        var kept = await _database.Read(Task.FromResult);
        (await Should.ThrowAsync<InvalidOperationException>(kept.First<long>("SELECT 1").AsTask())).Message.ShouldContain("has ended");
    }

    /// <summary>Holds the writer until all have queued, so that they make one group, whose first commit is refused.</summary>
    private async Task<Task[]> AsOneGroup(params Func<Task>[] writes)
    {
        using var running = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var blocker = _database.Write(_ =>
        {
            running.Set();
            release.Wait();
            return Task.CompletedTask;
        });
        running.Wait();
        var tasks = writes.Select(write => write()).ToArray();
        // Its own, and the next.
        _commitsUntilRefused = 2;
        release.Set();
        await blocker;
        await Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default);
        return tasks;
    }

    private Task Insert(int n) => _database.Write(tx => tx.Execute("INSERT INTO t (n) VALUES (@n)", new { n }).AsTask());

    private Task<List<long>> Numbers() => _database.Read(tx => tx.Query<long>("SELECT n FROM t ORDER BY n").AsTask());
}

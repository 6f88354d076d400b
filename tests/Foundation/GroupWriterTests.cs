using Kontor.Data.Sqlite;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using SQLitePCL;
using Xunit;

namespace Kontor.Foundation.Tests;

/// <summary>Many callers share a transaction on SQLite; these are the rules that keep one caller's failure its own.</summary>
public sealed class GroupWriterTests : IDisposable
{
    private static readonly Problem Refused = new(409, "refused", "No.");

    private readonly string _folder = Directory.CreateTempSubdirectory("kontor-writer-").FullName;
    private readonly Signals _signals = new(NullLogger<Signals>.Instance);
    private readonly SqliteDatabase _database;

    public GroupWriterTests()
    {
        _database = new SqliteDatabase(
            Path.Combine(_folder, "test.db"), _signals, new Lifetime(), NullLogger<SqliteDatabase>.Instance);
        Write("CREATE TABLE t (id INTEGER PRIMARY KEY, n BIGINT NOT NULL UNIQUE CHECK (n < 1000), text TEXT)").Wait();
        Write("CREATE TRIGGER no_seven BEFORE INSERT ON t WHEN NEW.n = 7 BEGIN SELECT RAISE(ABORT, 'seven'); END").Wait();
    }

    public void Dispose()
    {
        _database.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("INSERT INTO t (n) VALUES (5000)")] // CHECK
    [InlineData("INSERT INTO t (n) VALUES (1)")] // UNIQUE: the first of the group has it
    [InlineData("INSERT INTO t (n) VALUES (7)")] // RAISE(ABORT)
    [InlineData("INSERT INTO nowhere (n) VALUES (1)")]
    public async Task A_statement_that_fails_undoes_its_own_callers_work_only(string failing)
    {
        var group = await AsOneGroup(
            () => Insert(1),
            () => _database.Write(async tx =>
            {
                await tx.Execute("INSERT INTO t (n) VALUES (500)");
                await tx.Execute(failing);
            }),
            () => Insert(2));

        group[0].IsCompletedSuccessfully.ShouldBeTrue();
        group[1].Exception!.InnerException.ShouldBeOfType<SqliteException>();
        group[2].IsCompletedSuccessfully.ShouldBeTrue();
        (await Numbers()).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task An_exception_undoes_its_own_callers_work_only()
    {
        var group = await AsOneGroup(
            () => Insert(1),
            () => _database.Write(async tx =>
            {
                await tx.Execute("INSERT INTO t (n) VALUES (500)");
                throw new InvalidTimeZoneException("mine");
            }),
            () => Insert(2));

        group[1].Exception!.InnerException.ShouldBeOfType<InvalidTimeZoneException>();
        (await Numbers()).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task A_refusal_is_answered_and_undoes_the_work()
    {
        var heard = new List<string>();
        using var subscription = _signals.Subscribe("t", heard.Add);

        var outcome = await _database.Write<Outcome<long>>(async tx =>
        {
            await tx.Execute("INSERT INTO t (n) VALUES (500)");
            tx.Signal("t", "inserted");
            return Refused;
        });

        outcome.Problem.ShouldBe(Refused);
        (await Numbers()).ShouldBeEmpty();
        heard.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_signal_is_raised_once_the_work_is_committed()
    {
        var seen = new List<long>();
        using var subscription = _signals.Subscribe("t", _ => seen.AddRange(Numbers().Result));

        await _database.Write(async tx =>
        {
            await tx.Execute("INSERT INTO t (n) VALUES (3)");
            tx.Signal("t");
        });

        seen.ShouldBe([3]);
    }

    [Fact]
    public async Task A_full_disk_fails_who_needs_space_and_nobody_else()
    {
        var pages = await _database.Read(tx => tx.First<long>("PRAGMA page_count").AsTask());
        Run($"PRAGMA max_page_count = {pages + 5}");

        var group = await AsOneGroup(
            () => Insert(1),
            () => _database.Write(tx => tx.Execute(
                "INSERT INTO t (n, text) VALUES (500, @text)", new { text = new string('x', 1_000_000) }).AsTask()),
            () => Insert(2));

        group[0].IsCompletedSuccessfully.ShouldBeTrue();
        group[1].Exception!.InnerException.ShouldBeOfType<SqliteException>().SqliteErrorCode.ShouldBe(raw.SQLITE_FULL);
        group[2].IsCompletedSuccessfully.ShouldBeTrue();
        (await Numbers()).ShouldBe([1, 2]);
        await Insert(4);
    }

    [Fact]
    public async Task An_interrupted_statement_fails_its_own_caller_only()
    {
        var started = new ManualResetEventSlim();
        var interrupted = 0;
        var group = AsOneGroup(
            () => Insert(1),
            () => _database.Write(async tx =>
            {
                started.Set();
                // Long enough to be interrupted; an interrupted INSERT ends the whole transaction in SQLite.
                await tx.Execute("""
                    INSERT INTO t (n)
                    WITH RECURSIVE c (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 1000000000)
                    SELECT MAX(n) FROM c
                    """);
            }),
            () => Insert(2));
        started.Wait();
        while (!group.IsCompleted)
        {
            raw.sqlite3_interrupt(_database.Writer.Session.Connection.Handle);
            interrupted++;
            await Task.Delay(20);
            if (group.IsCompleted || interrupted > 500) break;
        }

        var tasks = await group;
        tasks[1].Exception!.InnerException.ShouldBeOfType<SqliteException>().SqliteErrorCode.ShouldBe(raw.SQLITE_INTERRUPT);
        tasks[0].IsCompletedSuccessfully.ShouldBeTrue();
        (await Numbers()).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Work_that_awaits_something_else_than_its_Tx_is_a_mistake_and_writes_nothing()
    {
        var later = new TaskCompletionSource();
        var write = _database.Write(async tx =>
        {
            await tx.Execute("INSERT INTO t (n) VALUES (500)");
            await later.Task;
            await tx.Execute("INSERT INTO t (n) VALUES (501)");
        });

        (await Should.ThrowAsync<InvalidOperationException>(write)).Message.ShouldContain("something else than its Tx");
        later.SetResult();
        await Insert(1);
        (await Numbers()).ShouldBe([1]);
    }

    [Fact]
    public async Task A_caller_that_gives_up_before_its_turn_leaves_nothing()
    {
        using var impatient = new CancellationTokenSource();
        var blocker = Block(out var release);
        var write = _database.Write(tx => tx.Execute("INSERT INTO t (n) VALUES (500)").AsTask(), impatient.Token);
        await impatient.CancelAsync();
        release.Set();
        await blocker;

        await Should.ThrowAsync<OperationCanceledException>(write);
        await Insert(1);
        (await Numbers()).ShouldBe([1]);
    }

    [Fact]
    public async Task A_caller_that_gives_up_after_its_turn_began_is_told_what_happened()
    {
        using var impatient = new CancellationTokenSource();
        var write = _database.Write(
            tx =>
            {
                impatient.Cancel();
                return tx.Execute("INSERT INTO t (n) VALUES (9)").AsTask();
            }, impatient.Token);

        (await write).ShouldBe(1);
        (await Numbers()).ShouldBe([9]);
    }

    [Fact]
    public async Task Those_who_wait_together_share_a_commit()
    {
        var before = _database.Writer.Counts;
        var tasks = await AsOneGroup([.. Enumerable.Range(100, 200).Select(n => (Func<Task>)(() => Insert(n)))]);
        var after = _database.Writer.Counts;

        tasks.ShouldAllBe(task => task.IsCompletedSuccessfully);
        (await Numbers()).Count.ShouldBe(200);
        // The one that blocked, and the group.
        (after.Commits - before.Commits).ShouldBe(2);
    }

    [Fact]
    public async Task A_read_sees_only_what_is_committed()
    {
        var blocker = _database.Write(async tx =>
        {
            await tx.Execute("INSERT INTO t (n) VALUES (8)");
            Numbers().Result.ShouldBeEmpty();
        });
        await blocker;
        (await Numbers()).ShouldBe([8]);
    }

    [Fact]
    public async Task A_read_cannot_write()
    {
        await Should.ThrowAsync<SqliteException>(_database.Read(tx => tx.Execute("INSERT INTO t (n) VALUES (8)").AsTask()));
        (await Numbers()).ShouldBeEmpty();
    }

    [Fact]
    public async Task After_its_end_the_database_takes_no_work()
    {
        _database.Writer.Dispose();
        await Should.ThrowAsync<DatabaseUnavailableException>(Insert(1));
    }

    /// <summary>Holds the writer until all have queued, so that they make one group.</summary>
    private async Task<Task[]> AsOneGroup(params Func<Task>[] writes)
    {
        var blocker = Block(out var release);
        var tasks = writes.Select(write => write()).ToArray();
        release.Set();
        await blocker;
        await Task.WhenAll(tasks).ContinueWith(_ => { }, TaskScheduler.Default);
        return tasks;
    }

    private Task Block(out ManualResetEventSlim release)
    {
        var (running, gate) = (new ManualResetEventSlim(), new ManualResetEventSlim());
        release = gate;
        var blocker = _database.Write(_ =>
        {
            running.Set();
            gate.Wait();
            return Task.CompletedTask;
        });
        running.Wait();
        return blocker;
    }

    private void Run(string sql) => _database.Writer.Session.Run(sql);

    private Task Write(string sql) => _database.Write(tx => tx.Execute(sql).AsTask());

    private Task Insert(int n) => _database.Write(tx => tx.Execute("INSERT INTO t (n) VALUES (@n)", new { n }).AsTask());

    private Task<List<long>> Numbers() => _database.Read(tx => tx.Query<long>("SELECT n FROM t ORDER BY n").AsTask());

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication()
        {
        }
    }
}

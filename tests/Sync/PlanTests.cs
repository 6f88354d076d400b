using Kontor.Foundation.Data;
using Kontor.Sync.History;
using Kontor.Sync.Shared;
using Kontor.Sync.Status;
using Kontor.Sync.Tables;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Sync.Tests;

/// <summary>
/// However many rows others have, a statement touches one user's: each finds its rows by an index that begins with the user.
/// </summary>
public class PlanTests(SyncApp app) : IClassFixture<SyncApp>
{
    private const int People = 2000;

    private sealed record Step(string Detail);

    private IEnumerable<string> Statements()
    {
        var tables = app.Service<SyncTables>();
        return tables.All
            .SelectMany(table => new[]
            {
                table.SelectLive, table.SelectLiveBetween, table.SelectChanged, table.SelectById, table.Delete, table.DeleteChildren,
                table.Resend, table.SelectWithValues(table.Shape.Columns), table.Upsert(1),
                table.History.KeepStates, table.History.PruneStates, table.History.SelectState, table.History.SelectStored,
                table.History.SelectDeleted, table.History.SelectDeletedWith, table.History.SelectChildren, table.History.Restore,
                table.History.MoveDeletions, Lags.Select(table, app.Database.Dialect),
            })
            .Append(tables.SelectPageStand)
            .Append(RecentChanges.Select)
            .Append(Marks.SelectOne)
            .Append(app.Service<Marks>().SelectMany);
    }

    [Fact]
    public async Task No_statement_reads_a_table_from_end_to_end()
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "The next test looks at PostgreSQL's plans.");
        foreach (var sql in Statements())
        {
            // Tables and what stands for them, but `s`, the counter of shared rows; the others are parts of the statement.
            var steps = (await Explain("EXPLAIN QUERY PLAN", sql)).Where(step =>
                step.Split(' ') is ["SEARCH" or "SCAN", "n" or (not "s" and ['p' or 's' or 'h' or 'u' or 'm', ..]), ..]);
            foreach (var step in steps) step.ShouldContain("user_id=?", customMessage: sql);
        }
    }

    /// <summary>PostgreSQL plans by the number of rows, so others have many, and it knows.</summary>
    [Fact]
    public async Task No_statement_reads_the_rows_of_others()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "The test before looks at SQLite's plans, which do not depend on the number of rows.");
        await GivenRowsOfOthers();
        foreach (var sql in Statements())
        {
            var steps = await Explain("EXPLAIN (COSTS OFF)", sql);
            var plan = $"{sql}\n{string.Join('\n', steps)}";
            steps.Where(step => step.Contains("Seq Scan on") && !step.Contains("on sync_shared")).ShouldBeEmpty(plan);
            foreach (var condition in steps.Where(step => step.Contains("Index Cond:") && !step.Contains("only_row")))
                condition.ShouldContain("user_id", customMessage: plan);
        }
    }

    private Task GivenRowsOfOthers() => app.Database.Write(async tx =>
    {
        var others = $"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {50 * People - 1}) ";
        await tx.Execute($"{others} INSERT INTO sync_users (user_id, version) SELECT 'other' || i, 7 FROM n WHERE i < {People}");
        foreach (var table in new[] { "planner_projects", "planner_tasks" })
        {
            await tx.Execute($"""
                {others}
                INSERT INTO {table} (user_id, id, version, is_deleted) SELECT 'other' || (i % {People}), 'row' || i, i + 1, i % 9 = 0 FROM n
                """);
        }

        await tx.Execute($"""
            {others}
            INSERT INTO sync_marks (user_id, version, shared_version) SELECT 'other' || (i % {People}), i + 1, i FROM n
            """);
        await tx.Execute($"""
            {others}
            INSERT INTO sync_history (user_id, table_name, row_id, version, until, device, is_deleted)
            SELECT 'other' || (i % {People}), 'tasks', 'row' || i, i + 1, i + 2, '', false FROM n
            """);
        await tx.Execute($"""
            {others}
            INSERT INTO sync_devices (user_id, device, pulled_at, pulled_version)
            SELECT 'other' || (i % {People}), 'device' || i, i + 1, i + 1 FROM n WHERE i < {3 * People}
            """);
        await tx.Execute("ANALYZE");
    });

    private Task<List<string>> Explain(string how, string sql) => app.Database.Read(async tx =>
    {
        object args = new
        {
            userId = "other7",
            since = 0L,
            upTo = 9_000_000L,
            version = 9L,
            limit = 5L,
            ids = new[] { "a" },
            rows = "[]",
            people = "[]",
            moves = "[]",
            device = "d",
            deleted = 9L,
            before = 9_000_000L,
            id = "a",
            table = "t",
        };
        if (TestDatabase.IsPostgres) return await tx.Query<string>($"{how} {sql}", args);
        return (await tx.Query<Step>($"{how} {sql}", args)).ConvertAll(step => step.Detail);
    });
}

using Kontor.Foundation.Data;
using Kontor.Sync.History;
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
    private sealed record Step(string Detail);

    [Fact]
    public async Task No_statement_reads_a_table_from_end_to_end()
    {
        Assert.SkipWhen(TestDatabase.IsPostgres, "PostgreSQL plans by the number of rows, of which a test has few.");
        var tables = app.Service<SyncTables>();
        var statements = tables.All
            .SelectMany(table => new[]
            {
                table.SelectLive, table.SelectLiveBetween, table.SelectChanged, table.SelectById, table.Delete, table.DeleteChildren,
                table.Resend, table.SelectWithValues(table.Shape.Columns), table.Upsert(1),
                table.History.KeepStates, table.History.PruneStates, table.History.SelectState, table.History.SelectStored,
                table.History.SelectDeleted, table.History.SelectDeletedWith, table.History.SelectChildren, table.History.Restore,
            })
            .Append(tables.SelectPageEnd)
            .Append(RecentChanges.Select);

        foreach (var sql in statements)
        {
            var steps = (await Explain(sql)).Where(step =>
                step.Detail.Split(' ') is ["SEARCH" or "SCAN", "n" or ['p' or 's' or 'h', ..], ..]);
            foreach (var step in steps)
                step.Detail.ShouldContain("user_id=?", customMessage: sql);
        }
    }

    private Task<List<Step>> Explain(string sql) => app.Database.Read(tx => tx.Query<Step>($"EXPLAIN QUERY PLAN {sql}", new
    {
        userId = "u",
        since = 0L,
        upTo = 9L,
        version = 9L,
        limit = 5L,
        ids = new[] { "a" },
        rows = "[]",
        device = "d",
        deleted = 9L,
        before = 9L,
        id = "a",
        table = "t",
    }).AsTask());
}

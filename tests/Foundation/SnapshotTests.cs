using Kontor.Foundation.Data;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

/// <summary>A snapshot whose end goes with the last of what is read.</summary>
public class SnapshotTests(ThingsApp app) : IClassFixture<ThingsApp>
{
    private static readonly (string Sql, object? Args)[] Two = [("SELECT 1", null), ("SELECT 2", null)];

    [Fact]
    public async Task Everything_is_read_and_nothing_is_read_after_the_last()
    {
        var read = new List<(int, int)>();

        await app.Database.Snapshot(async tx =>
        {
            await tx.First<int>("SELECT 0");
            await tx.ScanEach(Two, (place, row) => read.Add((place, row.GetInt32(0))), isLast: true);
            // Where the end was sent already, this would be of another moment.
            if (TestDatabase.IsPostgres) await Should.ThrowAsync<InvalidOperationException>(() => tx.First<int>("SELECT 3").AsTask());
            return true;
        });

        read.ShouldBe([(0, 1), (1, 2)]);
    }

    [Fact]
    public async Task One_that_fails_midway_leaves_nothing_open_for_whoever_comes_next()
    {
        for (var i = 0; i < 20; i++)
        {
            await Should.ThrowAsync<TimeZoneNotFoundException>(
                () => app.Database.Snapshot(tx => Read(tx, Two, (_, _) => throw new TimeZoneNotFoundException())));
            await Should.ThrowAsync<Exception>(
                () => app.Database.Snapshot(tx => Read(tx, [Two[0], ("SELECT * FROM nowhere", null)], (_, _) => { })));

            (await app.Database.Snapshot(tx => Read(tx, Two, (_, _) => { }))).ShouldBeTrue();
            if (!TestDatabase.IsPostgres) continue;
            var (level, open) = await app.Database.Write(async tx => (
                await tx.First<string>("SELECT current_setting('transaction_isolation')"),
                await tx.First<long>(
                    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE '%aborted%'")));
            (level, open).ShouldBe(("read committed", 0));
        }
    }

    private static async Task<bool> Read(
        Tx tx, (string Sql, object? Args)[] statements, Action<int, System.Data.Common.DbDataReader> row)
    {
        await tx.First<int>("SELECT 0");
        await tx.ScanEach(statements, row, isLast: true);
        return true;
    }
}

using Shouldly;
using Xunit;

namespace Kontor.Foundation.Tests;

/// <summary>One statement for several rows of arguments, which one engine does in a loop and the other in one round trip.</summary>
public class RowTests(ThingsApp app) : IClassFixture<ThingsApp>
{
    private sealed record Pair(string Key, long? Value);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Each_row_is_written_and_read_in_its_place(int count)
    {
        var name = Guid.NewGuid().ToString();
        var rows = Enumerable.Range(0, count).Select(i => new Pair($"{name}-{i}", i == 1 ? null : i)).ToList();

        var (written, found, last) = await app.Database.Write(async tx =>
        {
            var inserted = await tx.ExecuteEach("""
                INSERT INTO foundation_idempotency (caller, endpoint, key, request_hash, answer, created_at)
                VALUES ('rows', 'test', @Key, '', CAST(@Value AS TEXT), 0)
                """, rows);
            var asked = rows.Append(new Pair("nobody", null)).ToList();
            return (inserted, await tx.FirstOfEach<Pair, Pair>("""
                SELECT key, CAST(answer AS BIGINT) AS value FROM foundation_idempotency
                WHERE caller = 'rows' AND endpoint = 'test' AND key = @Key AND (answer = CAST(@Value AS TEXT) OR @Value IS NULL)
                """, asked), asked.Count);
        });

        written.ShouldBe(count);
        found[..count].ShouldBe(rows);
        found[last - 1].ShouldBeNull();
    }

    [Fact]
    public async Task One_row_that_is_refused_undoes_all_of_them()
    {
        var name = Guid.NewGuid().ToString();
        List<Pair> rows = [new(name, 1), new(name + "-other", 1), new(name, 2)];

        var refusal = await Should.ThrowAsync<Exception>(() => app.Database.Write(tx => tx.ExecuteEach("""
            INSERT INTO foundation_idempotency (caller, endpoint, key, request_hash, created_at)
            VALUES ('rows', 'test', @Key, '', @Value)
            """, rows).AsTask()));

        app.Database.Dialect.IsUniqueViolation(refusal).ShouldBeTrue();
        (await app.Database.Read(tx => tx.First<long>(
            "SELECT COUNT(*) FROM foundation_idempotency WHERE key LIKE @name", new { name = $"{name}%" }).AsTask())).ShouldBe(0);
    }
}

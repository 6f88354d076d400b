using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;

namespace Kontor.Accounts.Attempts;

internal sealed class SqlAttempts(Database database, TimeProvider time) : IAttempts
{
    private sealed record Row(long Tries, long LastAt);

    public async Task<Problem?> Count(IReadOnlyList<Tally> tallies, CancellationToken ct)
    {
        var (_, problem) = await database.Write<Outcome<bool>>(
            async tx =>
            {
                var waitMs = 0L;
                foreach (var tally in tallies) waitMs = Math.Max(waitMs, await Count(tx, tally));
                // A refusal undoes what was counted.
                return waitMs == 0 ? true : ProblemResults.TooManyRequests(waitMs);
            }, ct);
        return problem;
    }

    public Task Clear(IReadOnlyList<Tally> tallies, CancellationToken ct) => database.Write(
        async tx =>
        {
            foreach (var tally in tallies) await tx.Execute("DELETE FROM accounts_attempts WHERE key = @key", new { key = tally.Key });
        }, ct);

    public Task TakeBack(IReadOnlyList<Tally> tallies, CancellationToken ct) => database.Write(
        async tx =>
        {
            foreach (var tally in tallies)
                await tx.Execute("UPDATE accounts_attempts SET tries = tries - 1 WHERE key = @key AND tries > 0", new { key = tally.Key });
        }, ct);

    public Task<int> Tidy(int most, CancellationToken ct) => database.Write(
        tx => tx.Execute($"""
            DELETE FROM accounts_attempts
            WHERE key IN (
                SELECT key FROM accounts_attempts
                WHERE last_at < @before
                ORDER BY last_at
                LIMIT @most {tx.Dialect.ForUpdateSkipLocked})
            """, new { before = time.NowMs() - Tally.ForgetMs, most = (long)most }).AsTask(), ct);

    /// <returns>Milliseconds that this try came too early.</returns>
    private async ValueTask<long> Count(Tx tx, Tally tally)
    {
        await tx.Execute("""
            INSERT INTO accounts_attempts (key, tries, last_at)
            VALUES (@key, 0, @now)
            ON CONFLICT (key) DO NOTHING
            """, new { key = tally.Key, now = time.NowMs() });
        var row = await tx.First<Row>(
            $"SELECT tries, last_at FROM accounts_attempts WHERE key = @key {tx.Dialect.ForUpdate}", new { key = tally.Key });
        var now = time.NowMs();
        var tries = now - row!.LastAt > Tally.ForgetMs ? 0 : row.Tries;
        var waitMs = tally.Wait(tries, row.LastAt, now);
        await tx.Execute(
            "UPDATE accounts_attempts SET tries = @tries, last_at = @now WHERE key = @key",
            new { key = tally.Key, tries = tries + 1, now });
        return waitMs;
    }
}

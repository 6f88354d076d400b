using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Home.Sources;

namespace Kontor.Home.Simulation;

/// <summary>How much of the feeds each admin has changed alone today, so that many small steps are no way around a limit.</summary>
internal sealed class DailyReach(TimeProvider time) : IPersonalPart
{
    /// <summary>Shares are added up as whole numbers.</summary>
    private const int Whole = 10_000;

    private sealed record Sum(long Day, long Share);

    /// <summary>Adds a share to the day's sum (UTC); false when that would be over the limit, and nothing is added.</summary>
    public async Task<bool> Add(Tx tx, string userId, double share, double limit)
    {
        var (part, most, day) = ((long)Math.Round(share * Whole), (long)Math.Round(limit * Whole), time.NowMs() / Clock.Day);
        if (part > most) return false;
        if (part == 0) return true;
        await tx.Execute("DELETE FROM home_reaches WHERE day < @day", new { day });
        var written = await tx.Execute("""
            INSERT INTO home_reaches (user_id, day, share)
            VALUES (@userId, @day, @part)
            ON CONFLICT (user_id, day) DO UPDATE
            SET share = home_reaches.share + excluded.share
            WHERE home_reaches.share + excluded.share <= @most
            """, new { userId, day, part, most });
        return written > 0;
    }

    public Task Export(DataSubject person, ExportWriter export, CancellationToken ct) => export.List<Sum, object>(
        "changedAlone",
        (tx, last) => tx.Query<Sum>($"""
            SELECT day, share FROM home_reaches
            WHERE user_id = @userId AND day > @after
            ORDER BY day
            LIMIT {ExportWriter.PageRows}
            """, new { userId = person.UserId, after = last?.Day ?? 0 }),
        one => new { day = (one.Day * Clock.Day).ToTime(), share = one.Share / (double)Whole },
        ct);

    public async Task Erase(Tx tx, DataSubject person) =>
        await tx.Execute("DELETE FROM home_reaches WHERE user_id = @userId", new { userId = person.UserId });
}

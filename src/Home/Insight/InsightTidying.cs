using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Home.Ranking;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Home.Insight;

/// <summary>
/// Keeps what insight stores small: forgets ids and senders, adds up what is spread over shards, and in old days positions and kinds of
/// readers too.
/// </summary>
internal sealed partial class InsightTidying(
    Database database, IOptions<RankingOptions> ranking, TimeProvider time, ILogger<InsightTidying> logger) : BackgroundService
{
    /// <summary>An event is not counted beyond 7 days, so its id may be forgotten then; the day more is for clocks that disagree.</summary>
    public const long IdKeepMs = EventLog.LateMax + Clock.Day;

    /// <summary>Today's and yesterday's; a request that is under way at midnight still finds its row.</summary>
    private const int SenderKeepDays = 2;

    /// <summary>No event comes for days before, so their rows no longer change.</summary>
    public const int ShardKeepDays = 9;

    /// <summary>Older days are kept by widget, experiment and variation only.</summary>
    public const int DetailKeepDays = 92;

    public const int KeepDays = 400;

    private const int RowsAtOnce = 5000;

    /// <summary>Catches up with days on which nothing ran, oldest first, without holding the database for long.</summary>
    private const int DaysAtOnce = 40;

    public async Task Tidy(CancellationToken ct)
    {
        var now = time.NowMs();
        var today = now / Clock.Day;
        await InPieces(
            tx => tx.Execute($"""
                DELETE FROM home_event_ids
                WHERE id IN (SELECT id FROM home_event_ids WHERE at < @before ORDER BY at LIMIT {RowsAtOnce})
                """, new { before = now - IdKeepMs }), ct);
        await database.Write(
            tx => tx.Execute("DELETE FROM home_event_senders WHERE day <= @before", new { before = today - SenderKeepDays }).AsTask(), ct);
        await database.Write(
            tx => tx.Execute("DELETE FROM home_event_counts WHERE day <= @before", new { before = today - KeepDays }).AsTask(), ct);
        // A day more, for nodes whose day has not begun.
        var rated = today - ranking.Value.RateDays - 1;
        await InPieces(tx => StoredViewers.Tidy(tx, rated, RowsAtOnce), ct);
        await database.Write(tx => StoredViewers.TidyCounts(tx, rated).AsTask(), ct);
        await RollUp("shard > 0", "position", "segment", today - ShardKeepDays, ct);
        await RollUp("(position <> -1 OR segment <> '')", "-1", "''", today - DetailKeepDays, ct);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await Tidy(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
    }

    private async Task InPieces(Func<Tx, ValueTask<int>> piece, CancellationToken ct)
    {
        while (await database.Write(tx => piece(tx).AsTask(), ct) >= RowsAtOnce)
        {
        }
    }

    /// <summary>
    /// Day by day, each in one transaction: its rows become one for each of what is left to tell apart. The sums stay the same.
    /// </summary>
    /// <param name="unfinished">Which rows there are to add up.</param>
    /// <param name="position">What becomes of a row's position, as SQL.</param>
    /// <param name="segment">Likewise of its segment.</param>
    private async Task RollUp(string unfinished, string position, string segment, long before, CancellationToken ct)
    {
        var days = await database.Read(tx => tx.Query<long>($"""
            SELECT DISTINCT day FROM home_event_counts
            WHERE day <= @before AND {unfinished}
            ORDER BY day
            LIMIT {DaysAtOnce}
            """, new { before }).AsTask(), ct);
        foreach (var day in days)
        {
            await database.Write(
                async tx =>
                {
                    // Its rows are marked first: another node that adds up the same day waits here, and then finds none.
                    await tx.Execute("UPDATE home_event_counts SET shard = -1 - shard WHERE day = @day AND shard >= 0", new { day });
                    await tx.Execute($"""
                        INSERT INTO home_event_counts
                            (experiment, day, widget_id, position, segment, variation, shard, impressions, clicks, dismissals)
                        SELECT experiment, day, widget_id, {position}, {segment}, variation, 0,
                               CAST(SUM(impressions) AS BIGINT), CAST(SUM(clicks) AS BIGINT), CAST(SUM(dismissals) AS BIGINT)
                        FROM home_event_counts
                        WHERE day = @day AND shard < 0
                        GROUP BY experiment, day, widget_id, {(position == "-1" ? "" : "position, segment, ")}variation
                        """, new { day });
                    await tx.Execute("DELETE FROM home_event_counts WHERE day = @day AND shard < 0", new { day });
                }, ct);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What insight stores could not be tidied; the next hour tries again")]
    private partial void LogFailed(Exception exception);
}

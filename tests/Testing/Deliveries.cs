using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Testing;

public static class Deliveries
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Waits until every handler has had every event that is due; dead letters are given up.</summary>
    public static async Task Delivered(this KontorApp app)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (await app.Database.Read(tx => tx.First<bool>("""
            SELECT EXISTS (SELECT 1 FROM foundation_deliveries WHERE is_dead = false AND (due_at <= @now OR attempts > 0))
            """, new { now = app.Clock.NowMs() }).AsTask()))
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException("The outbox was not delivered in time.");
            await Task.Delay(20);
        }
    }
}

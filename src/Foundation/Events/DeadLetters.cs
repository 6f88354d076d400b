using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Foundation.Events;

/// <summary>Deliveries that were given up after ten attempts, for an admin to see and to try again.</summary>
public sealed class DeadLetters(Database database, TimeProvider time)
{
    /// <param name="CreatedAt">When the event happened, milliseconds since 1970.</param>
    public sealed record Letter(
        string EventId, string Handler, string Name, string Payload, long Attempts, string? LastError, long CreatedAt);

    /// <summary>The newest first, at most 200.</summary>
    public Task<List<Letter>> List(CancellationToken ct) => database.Read(tx => tx.Query<Letter>("""
        SELECT d.event_id, d.handler, e.name, e.payload, d.attempts, d.last_error, e.created_at
        FROM foundation_deliveries d JOIN foundation_events e ON e.id = d.event_id
        WHERE d.is_dead = true
        ORDER BY e.created_at DESC
        LIMIT 200
        """).AsTask(), ct);

    /// <summary>False when there is no such dead letter.</summary>
    public Task<bool> Retry(string eventId, string handler, CancellationToken ct) => database.Write(async tx =>
    {
        tx.Signal(Outbox.Signal);
        return await tx.Execute("""
            UPDATE foundation_deliveries SET is_dead = false, attempts = 0, due_at = @now
            WHERE event_id = @eventId AND handler = @handler AND is_dead = true
            """, new { eventId, handler, now = time.NowMs() }) > 0;
    }, ct);
}

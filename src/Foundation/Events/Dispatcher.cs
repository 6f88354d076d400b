using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Kontor.Foundation.Events;

/// <summary>
/// Delivers the outbox: takes due rows for a while (a lease, so that a node that dies gives them back), calls their handlers, and
/// deletes what was handled. Any number of nodes may do so at once.
/// </summary>
internal sealed partial class Dispatcher(
    Database database, Signals signals, IEnumerable<IEventHandler> handlers, IOptions<OutboxOptions> options, TimeProvider time,
    ILogger<Dispatcher> logger)
    : BackgroundService
{
    public const int AttemptsMax = 10;
    private const int Batch = 50;
    private const long LeaseMs = 2 * OutboxOptions.HandlerSecondsMax * Clock.Second;
    private const long KeepEventsMs = 7 * Clock.Day;

    private readonly SemaphoreSlim _work = new(1);
    private readonly Dictionary<string, IEventHandler> _handlers = handlers.ToDictionary(handler => handler.Name, StringComparer.Ordinal);

    private sealed record Delivery(string EventId, string Handler, long Attempts);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var subscription = signals.Subscribe(Outbox.Signal, _ => Wake());
        var tidied = 0L;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Signals may be lost and retries fall due, so it also looks by itself.
                await _work.WaitAsync(TimeSpan.FromSeconds(1), stoppingToken);
                while (await DeliverSome(stoppingToken)) { }
                if (time.NowMs() - tidied < Clock.Hour) continue;
                tidied = time.NowMs();
                await Tidy(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogUnable(exception);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Wake()
    {
        if (_work.CurrentCount == 0) _work.Release();
    }

    private async Task<bool> DeliverSome(CancellationToken ct)
    {
        var (now, begun) = (time.NowMs(), time.GetTimestamp());
        // Looking costs no write when there is nothing to do.
        if (!await database.Read(tx => AnyDue(tx, now), ct)) return false;
        var taken = await database.Write(tx => Take(tx, now), ct);
        var atOnce = new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = ct };
        await Parallel.ForEachAsync(taken, atOnce, async (delivery, token) =>
        {
            // What has waited too long behind others is left to its lease's end: it is not to be handled here and elsewhere at once.
            if (time.GetElapsedTime(begun).TotalMilliseconds < LeaseMs / 2) await Deliver(delivery, token);
        });
        return taken.Count > 0;
    }

    private static async Task<bool> AnyDue(Tx tx, long now) => await tx.First<bool>(
        "SELECT EXISTS (SELECT 1 FROM foundation_deliveries WHERE is_dead = false AND due_at <= @now)", new { now });

    private static async Task<List<Delivery>> Take(Tx tx, long now)
    {
        var due = await tx.Query<Delivery>($"""
            SELECT event_id, handler, attempts
            FROM foundation_deliveries
            WHERE is_dead = false AND due_at <= @now
            ORDER BY due_at
            LIMIT {Batch} {tx.Dialect.ForUpdateSkipLocked}
            """, new { now });
        foreach (var delivery in due)
        {
            await tx.Execute("""
                UPDATE foundation_deliveries SET due_at = @lease, attempts = attempts + 1
                WHERE event_id = @eventId AND handler = @handler
                """, new { eventId = delivery.EventId, handler = delivery.Handler, lease = now + LeaseMs });
        }

        return due;
    }

    private async Task Deliver(Delivery delivery, CancellationToken ct)
    {
        try
        {
            if (!_handlers.TryGetValue(delivery.Handler, out var handler))
                throw new InvalidOperationException($"No handler is called {delivery.Handler} any more.");
            var stored = await database.Read(tx => tx.First<StoredEvent>(
                "SELECT id, name, payload, created_at FROM foundation_events WHERE id = @id", new { id = delivery.EventId }).AsTask(), ct);
            if (stored is not null) await Handle(handler, stored, ct);
            await database.Write(tx => Complete(tx, delivery, isErasure: stored?.Name == PersonErased.Name), ct);
        }
        catch (Exception exception) when (!ct.IsCancellationRequested)
        {
            LogFailed(delivery.Handler, delivery.EventId, exception);
            await Postpone(delivery, exception, ct);
        }
    }

    /// <summary>Gives a handler up that does not end, even when it does not heed its token: all others would wait behind it.</summary>
    private async Task Handle(IEventHandler handler, StoredEvent stored, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(options.Value.HandlerSeconds));
        await handler.Handle(stored, patience.Token).WaitAsync(patience.Token);
    }

    /// <summary>Who was erased is forgotten here too, with the last module that has done so; other events are kept a while.</summary>
    private static async Task Complete(Tx tx, Delivery delivery, bool isErasure)
    {
        var args = new { eventId = delivery.EventId, handler = delivery.Handler };
        // Locked, or of the last two at once neither would see that it is the last.
        if (isErasure) await tx.Execute($"SELECT id FROM foundation_events WHERE id = @eventId {tx.Dialect.ForUpdate}", args);
        await tx.Execute("DELETE FROM foundation_deliveries WHERE event_id = @eventId AND handler = @handler", args);
        if (!isErasure) return;
        await tx.Execute("""
            DELETE FROM foundation_events
            WHERE id = @eventId AND NOT EXISTS (SELECT 1 FROM foundation_deliveries WHERE event_id = @eventId)
            """, args);
    }

    private Task Postpone(Delivery delivery, Exception exception, CancellationToken ct)
    {
        // 1 s, 2 s, 4 s ... 256 s: a handler has about eight minutes to recover before an admin is asked.
        var dueAt = time.NowMs() + (Clock.Second << (int)Math.Min(delivery.Attempts, 20));
        return database.Write(tx => tx.Execute("""
            UPDATE foundation_deliveries SET due_at = @dueAt, is_dead = @isDead, last_error = @error
            WHERE event_id = @eventId AND handler = @handler
            """, new
        {
            eventId = delivery.EventId,
            handler = delivery.Handler,
            dueAt,
            isDead = delivery.Attempts + 1 >= AttemptsMax,
            error = $"{exception.GetType().Name}: {exception.Message}",
        }).AsTask(), ct);
    }

    private Task Tidy(CancellationToken ct) => database.Write(tx => tx.Execute("""
        DELETE FROM foundation_events
        WHERE created_at < @before AND NOT EXISTS (SELECT 1 FROM foundation_deliveries d WHERE d.event_id = foundation_events.id)
        """, new { before = time.NowMs() - KeepEventsMs }).AsTask(), ct);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Handler} could not handle event {EventId}; it will be tried again")]
    private partial void LogFailed(string handler, string eventId, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The outbox could not be read")]
    private partial void LogUnable(Exception exception);
}

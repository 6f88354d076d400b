using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Foundation.Events;

/// <summary>
/// Something that happened, told to other modules: a name such as `shop.order-placed`, and this record as JSON. It tells of a person by
/// `UserId` alone: names and addresses are looked up by who needs them.
/// </summary>
public interface IEvent
{
    static abstract string Name { get; }

    /// <summary>Whom it tells of, null for nobody. An erasure finds the event by it.</summary>
    string? UserId => null;
}

/// <summary>An event as it lies in the outbox.</summary>
/// <param name="CreatedAt">Milliseconds since 1970.</param>
public sealed record StoredEvent(string Id, string Name, string Payload, long CreatedAt)
{
    /// <summary>The fields that the receiver means, whatever else the sender wrote.</summary>
    public T As<T>() => JsonSerializer.Deserialize<T>(Payload, JsonSerializerOptions.Web)!;
}

/// <summary>
/// Receives one kind of event, at least once and in no particular order: handling it twice has the effect of handling it
/// once. An exception means "again later", with growing pauses, and after ten attempts a dead letter for an admin.
/// </summary>
public interface IEventHandler
{
    /// <summary>Stable and unique, for instance `home.feed-staleness`: progress is kept under this name.</summary>
    string Name { get; }

    /// <summary>The event's name, for instance `shop.order-placed`.</summary>
    string Event { get; }

    Task Handle(StoredEvent stored, CancellationToken ct);
}

/// <summary>Configured under `Outbox`.</summary>
public sealed class OutboxOptions
{
    internal const int HandlerSecondsMax = 30;

    /// <summary>A handler that needs longer for one event, 1 to 30 seconds, has failed.</summary>
    [Range(1, HandlerSecondsMax)]
    public int HandlerSeconds { get; set; } = HandlerSecondsMax;
}

/// <summary>Events are written in their sender's transaction, with one row for each handler that has yet to see them.</summary>
public sealed class Outbox(IServiceProvider services, TimeProvider time)
{
    /// <summary>Raised when there is something to deliver.</summary>
    internal const string Signal = "foundation.outbox";

    // Handlers may depend on senders, so they are looked up when the first event is sent.
    private readonly Lazy<ILookup<string, string>> _handlers = new(() =>
        services.GetServices<IEventHandler>().ToLookup(handler => handler.Event, handler => handler.Name));

    /// <param name="tx">The transaction in which it happened.</param>
    /// <param name="happened">What it was.</param>
    /// <param name="delayMs">How long the handlers are not told yet.</param>
    public ValueTask Add<T>(Tx tx, T happened, long delayMs = 0)
        where T : IEvent => AddEach(tx, [happened], delayMs);

    public async ValueTask AddEach<T>(Tx tx, IReadOnlyList<T> happened, long delayMs = 0)
        where T : IEvent
    {
        var now = time.NowMs();
        var rows = happened.Select(one => new
        {
            id = Ids.New(time),
            name = T.Name,
            payload = JsonSerializer.Serialize(one, JsonSerializerOptions.Web),
            userId = one.UserId,
            now,
        }).ToList();
        await tx.ExecuteEach("""
            INSERT INTO foundation_events (id, name, payload, user_id, created_at)
            VALUES (@id, @name, @payload, @userId, @now)
            """, rows);
        foreach (var handler in _handlers.Value[T.Name])
        {
            await tx.ExecuteEach("""
                INSERT INTO foundation_deliveries (event_id, handler, attempts, due_at)
                VALUES (@id, @handler, 0, @dueAt)
                """, rows.ConvertAll(row => new { row.id, handler, dueAt = now + delayMs }));
            tx.Signal(Signal);
        }
    }

    /// <summary>
    /// For erasure: of the events that tell of a person, those that every handler has had go. In the others, dead letters too, the id
    /// becomes one that nobody has, so that they can still be delivered and lead to nobody.
    /// </summary>
    internal static async Task Forget(Tx tx, string userId)
    {
        // Those that make the modules forget are still needed, and go with their last delivery.
        var args = new { userId, written = JsonSerializer.Serialize(userId), nobody = "\"erased\"", erased = PersonErased.Name };
        await tx.Execute("""
            DELETE FROM foundation_events
            WHERE user_id = @userId AND name <> @erased
                AND NOT EXISTS (SELECT 1 FROM foundation_deliveries d WHERE d.event_id = foundation_events.id)
            """, args);
        // What a handler had to say about its failure may quote the person.
        await tx.Execute("""
            UPDATE foundation_deliveries SET last_error = NULL
            WHERE event_id IN (SELECT id FROM foundation_events WHERE user_id = @userId AND name <> @erased)
            """, args);
        await tx.Execute("""
            UPDATE foundation_events SET payload = replace(payload, @written, @nobody), user_id = NULL
            WHERE user_id = @userId AND name <> @erased
            """, args);
    }
}

using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Foundation.Events;

/// <summary>Something that happened, told to other modules: a name such as `shop.order-placed`, and this record as JSON.</summary>
public interface IEvent
{
    static abstract string Name { get; }
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

    public async ValueTask Add<T>(Tx tx, T happened)
        where T : IEvent
    {
        var now = time.NowMs();
        var id = Ids.New(time);
        await tx.Execute("""
            INSERT INTO foundation_events (id, name, payload, created_at)
            VALUES (@id, @name, @payload, @now)
            """, new { id, name = T.Name, payload = JsonSerializer.Serialize(happened, JsonSerializerOptions.Web), now });
        foreach (var handler in _handlers.Value[T.Name])
        {
            await tx.Execute("""
                INSERT INTO foundation_deliveries (event_id, handler, attempts, due_at)
                VALUES (@id, @handler, 0, @now)
                """, new { id, handler, now });
            tx.Signal(Signal);
        }
    }
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Shop.Widgets;

namespace Kontor.Shop.Orders;

/// <param name="UserId">Null for a guest.</param>
/// <param name="At">Milliseconds since 1970.</param>
internal sealed record OrderPlaced(
    string OrderId, string Number, string? UserId, long TotalMinor, string Currency, IReadOnlyList<OrderPlaced.Item> Items, long At)
    : IEvent
{
    public static string Name => "shop.order-placed";

    public sealed record Item(string ProductId, string Name, long Quantity, long PriceMinor);
}

internal sealed record OrderPaid(string OrderId, string Number, string? UserId, long At) : IEvent
{
    public static string Name => "shop.order-paid";
}

internal sealed record OrderShipped(string OrderId, string Number, string? UserId, long At) : IEvent
{
    public static string Name => "shop.order-shipped";
}

internal sealed record OrderDelivered(string OrderId, string Number, string? UserId, long At) : IEvent
{
    public static string Name => "shop.order-delivered";
}

/// <summary>All of its money goes back.</summary>
internal sealed record OrderRefunded(string OrderId, string Number, string? UserId, long At) : IEvent
{
    public static string Name => "shop.order-refunded";
}

/// <summary>A part of its money goes back.</summary>
internal sealed record OrderPartlyRefunded(
    string OrderId, string Number, string? UserId, string RefundId, long AmountMinor, string Currency, long At) : IEvent
{
    public static string Name => "shop.order-partly-refunded";
}

/// <summary>Pieces of it came back.</summary>
internal sealed record OrderReturned(string OrderId, string Number, string? UserId, string ReturnId, long At) : IEvent
{
    public static string Name => "shop.order-returned";
}

/// <summary>It was not paid in time.</summary>
internal sealed record OrderExpired(string OrderId, string Number, string? UserId, long At) : IEvent
{
    public static string Name => "shop.order-expired";
}

internal sealed record OrderCancelled(string OrderId, string Number, string? UserId, long At) : IEvent
{
    public static string Name => "shop.order-cancelled";
}

/// <summary>Its status is another, or it is no longer that person's. Told of people's orders, not of guests'.</summary>
internal sealed record OrderChanged(string OrderId, string? UserId) : IEvent
{
    public static string Name => "shop.order-changed";

    public static async ValueTask Tell(Tx tx, Outbox outbox, string orderId, string userId)
    {
        await outbox.Add(tx, new OrderChanged(orderId, userId));
        new AttributesStale(ShopAttributes.SourceName, userId).Tell(tx);
    }
}

using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Orders;

/// <summary>Whom an order must belong to: a person, or whoever has a guest's link; both null for an admin, to whom all belong.</summary>
internal sealed record OrderAccess(string? UserId, string? TokenHash, bool All = false)
{
    public static readonly OrderAccess Admin = new(null, null, All: true);
}

/// <summary>An order with its lines and what happened to it.</summary>
internal sealed record WholeOrder(Order Order, IReadOnlyList<OrderLine> Lines, IReadOnlyList<OrderMoment> Timeline);

/// <summary>
/// The orders. An order's row is its lock; its status changes by a conditional UPDATE, and each change is a row of its timeline.
/// </summary>
internal sealed class OrderBook(Stock stock, Outbox outbox, TimeProvider time)
{
    /// <summary>An order is written, with its lines and its beginning. The row's serial number and times are this method's.</summary>
    public async ValueTask<WholeOrder> Place(Tx tx, string cartId, Order draft, IReadOnlyList<OrderLine> lines, string actor)
    {
        var now = time.NowMs();
        var serial = await tx.First<long>("""
            INSERT INTO shop_orders (
                id, cart_id, user_id, token_hash, email, name, street, city, postal_code, country,
                payment_method, total_minor, currency, status, created_at, updated_at)
            VALUES (
                @id, @cartId, @userId, @tokenHash, @email, @name, @street, @city, @postalCode, @country,
                @paymentMethod, @totalMinor, @currency, @status, @now, @now)
            RETURNING serial
            """, new
        {
            id = draft.Id,
            cartId,
            userId = draft.UserId,
            tokenHash = draft.TokenHash,
            email = draft.Email,
            name = draft.Name,
            street = draft.Street,
            city = draft.City,
            postalCode = draft.PostalCode,
            country = draft.Country,
            paymentMethod = draft.PaymentMethod,
            totalMinor = draft.TotalMinor,
            currency = draft.Currency,
            status = draft.Status,
            now,
        });
        var order = draft with { Serial = serial, CreatedAt = now };
        await tx.ExecuteEach("""
            INSERT INTO shop_order_lines (order_id, product_id, name, quantity, price_minor, position)
            VALUES (@OrderId, @ProductId, @Name, @Quantity, @PriceMinor, @Position)
            """, lines);
        var moment = new OrderMoment(order.Id, order.Status, actor, Reason: null, now);
        await Note(tx, moment, position: 1);
        await outbox.Add(tx, new OrderPlaced(
            order.Id, order.Number, order.UserId, order.TotalMinor, order.Currency,
            [.. lines.Select(line => new OrderPlaced.Item(line.ProductId, line.Name, line.Quantity, line.PriceMinor))], now));
        return new(order, lines, [moment]);
    }

    /// <summary>
    /// The order takes its next step. One that it has taken before is taken, and nothing happens; one that its status does not allow is
    /// refused. Pieces that have not left the warehouse are for sale again with the step that ends the order.
    /// </summary>
    public async Task<Outcome<WholeOrder>> Move(Tx tx, string orderId, OrderAccess access, OrderStatus to, string? reason, string actor)
    {
        if (await FindRow(tx, orderId, access, tx.Dialect.ForUpdate) is not { } order) return Order.Unknown;
        var from = order.State;
        if (from == to) return await Whole(tx, order);
        if (OrderTransitions.Refuse(from, to) is { } problem) return problem;
        var returns = OrderTransitions.ReturnsStock(from, to);
        var moved = await tx.Execute("""
            UPDATE shop_orders SET status = @to, stock_returned = @returns, updated_at = @now
            WHERE id = @orderId AND status = @from
            """, new { to = Text(to), from = Text(from), returns, orderId, now = time.NowMs() });
        if (moved != 1) throw new InvalidOperationException($"Order {orderId} was not locked.");
        if (returns) await stock.Return(tx, await PiecesOf(tx, orderId), orderId, actor);
        await Note(tx, orderId, to, actor, reason);
        await Announce(tx, order, to);
        return await Whole(tx, order with { Status = Text(to) });
    }

    public static async ValueTask<bool> Exists(Tx tx, string orderId, OrderAccess access) =>
        await FindRow(tx, orderId, access, "") is not null;

    public static async Task<WholeOrder?> Find(Tx tx, string orderId, OrderAccess access) =>
        await FindRow(tx, orderId, access, "") is { } order ? await Whole(tx, order) : null;

    /// <summary>A person's orders, the newest first.</summary>
    public static async Task<IReadOnlyList<WholeOrder>> Of(Tx tx, string userId, long beforeSerial, int limit)
    {
        var orders = await tx.Query<Order>($"""
            SELECT {Order.Columns} FROM shop_orders
            WHERE user_id = @userId AND serial < @beforeSerial
            ORDER BY serial DESC
            LIMIT @limit
            """, new { userId, beforeSerial, limit });
        return await Whole(tx, orders);
    }

    /// <summary>Everybody's orders, the newest first.</summary>
    /// <param name="status">Only those with this status; null for all.</param>
    public static async Task<IReadOnlyList<WholeOrder>> All(Tx tx, OrderStatus? status, long beforeSerial, int limit)
    {
        var orders = await tx.Query<Order>($"""
            SELECT {Order.Columns} FROM shop_orders
            WHERE serial < @beforeSerial {(status is null ? "" : "AND status = @status")}
            ORDER BY serial DESC
            LIMIT @limit
            """, new { status = status is { } one ? Text(one) : null, beforeSerial, limit });
        return await Whole(tx, orders);
    }

    private static string Text(OrderStatus status) => JsonNamingPolicy.KebabCaseLower.ConvertName(status.ToString());

    private static ValueTask<Order?> FindRow(Tx tx, string orderId, OrderAccess access, string locking) => tx.First<Order>($"""
        SELECT {Order.Columns} FROM shop_orders
        WHERE id = @orderId {(access.All ? "" : "AND (user_id = @userId OR token_hash = @tokenHash)")}
        {locking}
        """, new { orderId, userId = access.UserId, tokenHash = access.TokenHash });

    /// <summary>The order is locked, so nobody else takes the next position.</summary>
    private async ValueTask Note(Tx tx, string orderId, OrderStatus status, string actor, string? reason)
    {
        var last = await tx.First<long?>("SELECT MAX(position) FROM shop_order_timeline WHERE order_id = @orderId", new { orderId });
        await Note(tx, new OrderMoment(orderId, Text(status), actor, reason, time.NowMs()), (last ?? 0) + 1);
    }

    private static ValueTask<int> Note(Tx tx, OrderMoment moment, long position) => tx.Execute("""
        INSERT INTO shop_order_timeline (order_id, position, status, actor, reason, at)
        VALUES (@orderId, @position, @status, @actor, @reason, @at)
        """, new
    {
        orderId = moment.OrderId,
        position,
        status = moment.Status,
        actor = moment.Actor,
        reason = moment.Reason,
        at = moment.At,
    });

    private ValueTask Announce(Tx tx, Order order, OrderStatus to) => to switch
    {
        OrderStatus.Paid => outbox.Add(tx, new OrderPaid(order.Id, order.Number, order.UserId, time.NowMs())),
        OrderStatus.Shipped => outbox.Add(tx, new OrderShipped(order.Id, order.Number, order.UserId, time.NowMs())),
        OrderStatus.Cancelled => outbox.Add(tx, new OrderCancelled(order.Id, order.Number, order.UserId, time.NowMs())),
        _ => ValueTask.CompletedTask,
    };

    private static async ValueTask<List<Pieces>> PiecesOf(Tx tx, string orderId) => await tx.Query<Pieces>(
        "SELECT product_id, quantity FROM shop_order_lines WHERE order_id = @orderId", new { orderId });

    private static async ValueTask<WholeOrder> Whole(Tx tx, Order order) => (await Whole(tx, [order]))[0];

    private static async ValueTask<IReadOnlyList<WholeOrder>> Whole(Tx tx, IReadOnlyList<Order> orders)
    {
        if (orders.Count == 0) return [];
        var args = new { ids = orders.Select(order => order.Id).ToArray() };
        var lines = (await tx.Query<OrderLine>($"""
            SELECT order_id, product_id, name, quantity, price_minor, position FROM shop_order_lines
            WHERE order_id {tx.Dialect.In("ids")}
            ORDER BY order_id, position
            """, args)).ToLookup(line => line.OrderId);
        var timeline = (await tx.Query<OrderMoment>($"""
            SELECT order_id, status, actor, reason, at FROM shop_order_timeline
            WHERE order_id {tx.Dialect.In("ids")}
            ORDER BY order_id, position
            """, args)).ToLookup(moment => moment.OrderId);
        return [.. orders.Select(order => new WholeOrder(order, [.. lines[order.Id]], [.. timeline[order.Id]]))];
    }
}

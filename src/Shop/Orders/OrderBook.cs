using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Shop.Invoices;
using Kontor.Shop.Payments;
using Kontor.Shop.Pricing;

namespace Kontor.Shop.Orders;

/// <summary>Whom an order must belong to: a person, or whoever has a guest's link; both null for an admin, to whom all belong.</summary>
internal sealed record OrderAccess(string? UserId, string? TokenHash, bool All = false)
{
    public static readonly OrderAccess Admin = new(null, null, All: true);
}

/// <summary>An order with its lines, what happened to it, the attempts to pay it, and its invoices.</summary>
internal sealed record WholeOrder(
    Order Order, IReadOnlyList<OrderLine> Lines, IReadOnlyList<OrderMoment> Timeline, IReadOnlyList<Payment> Payments,
    IReadOnlyList<Invoice> Invoices);

/// <summary>
/// The orders. An order's row is its lock; its status changes by a conditional UPDATE, and each change is a row of its timeline.
/// </summary>
internal sealed class OrderBook(Stock stock, PaymentBook payments, InvoiceBook invoices, Outbox outbox, TimeProvider time)
{
    public static readonly Problem TooLate = new(409, "order-not-payable", "This order cannot be paid any more.");

    /// <summary>An order is written, with its lines and its beginning. The row's serial number and times are this method's.</summary>
    public async ValueTask<WholeOrder> Place(Tx tx, string cartId, Order draft, IReadOnlyList<OrderLine> lines, string actor)
    {
        var now = time.NowMs();
        var serial = await tx.First<long>("""
            INSERT INTO shop_orders (
                id, cart_id, user_id, token_hash, guest_hash, email, name, street, city, postal_code, country,
                payment_method, total_minor, goods_minor, discount_minor, coupon, shipping_method, shipping_minor, tax_rate, tax_minor,
                currency, status, pay_by, stock_taken, language, sealed_token, created_at, updated_at)
            VALUES (
                @id, @cartId, @userId, @tokenHash, @guestHash, @email, @name, @street, @city, @postalCode, @country,
                @paymentMethod, @totalMinor, @goods, @discount, @coupon, @shippingMethod, @shipping, @taxRate, @tax,
                @currency, @status, @payBy, @stockTaken, @language, @sealedToken, @now, @now)
            RETURNING serial
            """, new
        {
            id = draft.Id,
            cartId,
            userId = draft.UserId,
            tokenHash = draft.TokenHash,
            guestHash = draft.GuestHash,
            email = draft.Email,
            name = draft.Name,
            street = draft.Street,
            city = draft.City,
            postalCode = draft.PostalCode,
            country = draft.Country,
            paymentMethod = draft.PaymentMethod,
            totalMinor = draft.TotalMinor,
            goods = draft.GoodsMinor,
            discount = draft.DiscountMinor,
            coupon = draft.Coupon,
            shippingMethod = draft.ShippingMethod,
            shipping = draft.ShippingMinor,
            taxRate = draft.TaxRate,
            tax = draft.TaxMinor,
            currency = draft.Currency,
            status = draft.Status,
            payBy = draft.PayBy,
            stockTaken = draft.StockTaken,
            language = draft.Language,
            sealedToken = draft.SealedToken,
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
        if (order.UserId is not null) await OrderChanged.Tell(tx, outbox, order.Id, order.UserId);
        return new(order, lines, [moment], [], []);
    }

    /// <summary>
    /// The order takes its next step. One that it has taken before is taken, and nothing happens; one that its status does not allow is
    /// refused. The step that ends an order puts pieces that have not left the warehouse on sale again, and promises its money back.
    /// </summary>
    public async Task<Outcome<WholeOrder>> Move(Tx tx, string orderId, OrderAccess access, OrderStatus to, string? reason, string actor)
    {
        if (await FindRow(tx, orderId, access, tx.Dialect.ForUpdate) is not { } order) return Order.Unknown;
        var from = order.State;
        if (from == to) return await Whole(tx, order);
        if (OrderTransitions.Refuse(from, to) is { } problem) return problem;
        if (to == OrderStatus.Paid && await payments.Pay(tx, order, actor) is { } unpaid) return unpaid;
        var returns = OrderTransitions.ReturnsStock(from, to);
        var moved = await tx.Execute("""
            UPDATE shop_orders SET status = @to, stock_returned = @returned, updated_at = @now
            WHERE id = @orderId AND status = @from
            """, new { to = Text(to), from = Text(from), returned = returns && order.StockTaken, orderId, now = time.NowMs() });
        if (moved != 1) throw new InvalidOperationException($"Order {orderId} was not locked.");
        // The code before the products, as when an order is placed: in another order the two would wait for each other.
        if (returns && order.Coupon is not null) await Coupons.GiveBack(tx, orderId);
        if (returns) await GiveBackStock(tx, order, actor);
        if (to is OrderStatus.Cancelled or OrderStatus.Refunded or OrderStatus.Expired) await payments.End(tx, order, reason, actor);
        if (to is OrderStatus.Paid or OrderStatus.Shipped) await invoices.Issue(tx, order);
        await Note(tx, orderId, to, actor, reason);
        if (OrderTransitions.HasEnded(to)) await Buyers.EmptyForgotten(tx, orderId);
        await Announce(tx, order, to);
        if (order.UserId is not null) await OrderChanged.Tell(tx, outbox, order.Id, order.UserId);
        return await Whole(tx, order with { Status = Text(to) });
    }

    /// <summary>The pieces of an order that is paid online leave the shelf: those held for it, or others if they are there.</summary>
    public async ValueTask<Problem?> TakeStock(Tx tx, Order order)
    {
        var taken = await tx.Execute("""
            UPDATE shop_orders SET stock_taken = true
            WHERE id = @id AND status = 'pending' AND stock_taken = false
            """, new { id = order.Id });
        if (taken != 1) throw new InvalidOperationException($"Order {order.Id} was not locked.");
        return await stock.Consume(tx, order.Id, await PiecesOf(tx, order.Id), order.Id, Ledger.System);
    }

    /// <summary>
    /// The pieces of an order that waits for its money are held for it, those also that were lost meanwhile, if they are still there; once,
    /// they are held for a while longer than they would be.
    /// </summary>
    public async ValueTask<Problem?> HoldStock(Tx tx, Order order, long milliseconds, string actor)
    {
        var pieces = await PiecesOf(tx, order.Id);
        var (_, problem) = await stock.Hold(tx, order.Id, pieces, time.NowMs() + milliseconds, actor);
        if (problem is not null) return problem;
        await stock.Extend(tx, order.Id, [.. pieces.Select(one => one.ProductId)], milliseconds);
        return null;
    }

    /// <summary>The order alone, for somebody who will change it in this transaction; null when there is none for this caller.</summary>
    public static ValueTask<Order?> Lock(Tx tx, string orderId, OrderAccess access) => FindRow(tx, orderId, access, tx.Dialect.ForUpdate);

    /// <summary>An order all of whose money was promised back is refunded.</summary>
    /// <returns>Whether it is.</returns>
    public async Task<bool> RefundedIfAll(Tx tx, Order order, Payment payment, string? reason, string actor)
    {
        if ((await PaymentBook.Find(tx, payment.Id))!.RefundableMinor > 0) return false;
        if (OrderTransitions.From(order.State).Contains(OrderStatus.Refunded))
            await Move(tx, order.Id, OrderAccess.Admin, OrderStatus.Refunded, reason, actor);
        return true;
    }

    /// <summary>A part of the order's money was promised back.</summary>
    public async Task PartlyRefunded(Tx tx, Order order, Refund refund, string? reason, string actor)
    {
        await Remark(tx, order, OrderRemarks.PartlyRefunded, actor, reason);
        await outbox.Add(tx, new OrderPartlyRefunded(
            order.Id, order.Number, order.UserId, refund.Id, refund.AmountMinor, refund.Currency, time.NowMs()));
    }

    /// <summary>Its time to be paid is over, whether the job that ends it has come by or not.</summary>
    public bool IsOverdue(Order order) => order is { State: OrderStatus.Pending, StockTaken: false } && order.PayBy <= time.NowMs();

    /// <summary>Ends an order that was not paid in time; one that is being paid at this moment is left alone.</summary>
    public async Task Expire(Tx tx, string orderId)
    {
        if (await Lock(tx, orderId, OrderAccess.Admin) is { } order && IsOverdue(order))
            await Move(tx, orderId, OrderAccess.Admin, OrderStatus.Expired, OrderReasons.NotPaidInTime, Ledger.System);
    }

    /// <summary>Some of the orders whose time to be paid is over.</summary>
    public async ValueTask<List<string>> Unpaid(Tx tx, int limit) => await tx.Query<string>("""
        SELECT id FROM shop_orders
        WHERE status = 'pending' AND pay_by <= @now AND stock_taken = false
        ORDER BY pay_by
        LIMIT @limit
        """, new { now = time.NowMs(), limit });

    /// <summary>Something happened to an order that is locked, and its status stays.</summary>
    /// <param name="what">One of <see cref="OrderRemarks"/>.</param>
    public ValueTask Remark(Tx tx, Order order, string what, string actor, string? reason) =>
        Note(tx, order.Id, order.State, actor, reason, what);

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

    /// <summary>The orders that guests placed under an address until a moment, the newest first.</summary>
    public static async Task<IReadOnlyList<WholeOrder>> OfGuest(Tx tx, string email, long until, long beforeSerial, int limit)
    {
        var orders = await tx.Query<Order>($"""
            SELECT {Order.Columns} FROM shop_orders
            WHERE lower(email) = @email AND user_id IS NULL AND created_at <= @until AND serial < @beforeSerial
            ORDER BY serial DESC
            LIMIT @limit
            """, new { email, until, beforeSerial, limit });
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
    private async ValueTask Note(Tx tx, string orderId, OrderStatus status, string actor, string? reason, string? remark = null)
    {
        var last = await tx.First<long?>("SELECT MAX(position) FROM shop_order_timeline WHERE order_id = @orderId", new { orderId });
        await Note(tx, new OrderMoment(orderId, Text(status), actor, reason, time.NowMs(), remark), (last ?? 0) + 1);
    }

    private static ValueTask<int> Note(Tx tx, OrderMoment moment, long position) => tx.Execute("""
        INSERT INTO shop_order_timeline (order_id, position, status, actor, reason, at, event)
        VALUES (@orderId, @position, @status, @actor, @reason, @at, @remark)
        """, new
    {
        orderId = moment.OrderId,
        position,
        status = moment.Status,
        actor = moment.Actor,
        reason = moment.Reason,
        at = moment.At,
        remark = moment.Event,
    });

    private async ValueTask GiveBackStock(Tx tx, Order order, string actor)
    {
        var pieces = await PiecesOf(tx, order.Id);
        if (order.StockTaken) await stock.Return(tx, pieces, order.Id, actor);
        else await stock.Release(tx, order.Id, [.. pieces.Select(one => one.ProductId)], actor);
    }

    private ValueTask Announce(Tx tx, Order order, OrderStatus to) => to switch
    {
        OrderStatus.Paid => outbox.Add(tx, new OrderPaid(order.Id, order.Number, order.UserId, time.NowMs())),
        OrderStatus.Shipped => outbox.Add(tx, new OrderShipped(order.Id, order.Number, order.UserId, time.NowMs())),
        OrderStatus.Delivered => outbox.Add(tx, new OrderDelivered(order.Id, order.Number, order.UserId, time.NowMs())),
        OrderStatus.Refunded => outbox.Add(tx, new OrderRefunded(order.Id, order.Number, order.UserId, time.NowMs())),
        OrderStatus.Cancelled => outbox.Add(tx, new OrderCancelled(order.Id, order.Number, order.UserId, time.NowMs())),
        OrderStatus.Expired => outbox.Add(tx, new OrderExpired(order.Id, order.Number, order.UserId, time.NowMs())),
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
            SELECT order_id, product_id, name, quantity, price_minor, position, returned, written_off FROM shop_order_lines
            WHERE order_id {tx.Dialect.In("ids")}
            ORDER BY order_id, position
            """, args)).ToLookup(line => line.OrderId);
        var timeline = (await tx.Query<OrderMoment>($"""
            SELECT order_id, status, actor, reason, at, event FROM shop_order_timeline
            WHERE order_id {tx.Dialect.In("ids")}
            ORDER BY order_id, position
            """, args)).ToLookup(moment => moment.OrderId);
        var paid = await PaymentBook.Of(tx, args.ids);
        var invoiced = await InvoiceBook.Of(tx, args.ids);
        return [.. orders.Select(order => new WholeOrder(
            order, [.. lines[order.Id]], [.. timeline[order.Id]], [.. paid[order.Id]], [.. invoiced[order.Id]]))];
    }
}

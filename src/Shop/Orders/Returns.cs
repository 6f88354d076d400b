using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Time;
using Kontor.Shop.Payments;

namespace Kontor.Shop.Orders;

/// <summary>Pieces of one line that come back.</summary>
/// <param name="IsRestocked">They can be sold again; else they are written off.</param>
/// <param name="AmountMinor">What was paid for them.</param>
internal sealed record ReturnLine(string ProductId, long Quantity, bool IsRestocked, long AmountMinor = 0);

/// <summary>A return's row.</summary>
internal sealed record Return(string Id, string OrderId, string? RefundId, string? Reason, string Actor, long CreatedAt)
{
    public const string Columns = "id, order_id, refund_id, reason, actor, created_at";
}

/// <summary>A return with its lines and the refund that it led to.</summary>
internal sealed record WholeReturn(Return Return, IReadOnlyList<ReturnLine> Lines, Refund? Refund);

/// <summary>What an admin takes back.</summary>
/// <param name="AmountMinor">What is paid back; null for what was paid for the pieces.</param>
/// <param name="Key">Takes back once, however often it comes.</param>
internal sealed record Comeback(IReadOnlyList<ReturnLine> Lines, long? AmountMinor, string? Reason, string Key);

/// <summary>
/// Pieces that come back from buyers. The order is locked, a line's pieces come back by one conditional UPDATE, and stock, ledger, refund
/// and timeline are of the same transaction.
/// </summary>
internal sealed class Returns(OrderBook orders, Stock stock, RefundBook refunds, Outbox outbox, TimeProvider time)
{
    public static readonly Problem NotShipped = new(409, "order-not-shipped", "Pieces come back from an order that was shipped.");
    public static readonly Problem TooMany = new(409, "return-too-large", "So many pieces of this are not with the buyer.");

    public async Task<Outcome<WholeReturn>> Take(Tx tx, string orderId, Comeback comeback, string actor)
    {
        if (await OrderBook.Lock(tx, orderId, OrderAccess.Admin) is not { } order) return Order.Unknown;
        if (await Earlier(tx, orderId, comeback.Key) is { } earlier) return earlier;
        if (!await IsWithBuyer(tx, order)) return NotShipped.With("orderStatus", order.State);
        var (lines, problem) = await TakeLines(tx, order, comeback.Lines);
        if (problem is not null) return problem;

        // Before the credit note: whoever else holds products draws its number after them, too.
        await Shelve(tx, order, lines!, actor);
        var id = Ids.New(time);
        var payment = await PaymentBook.Live(tx, orderId);
        var amount = comeback.AmountMinor ?? Math.Min(await Proposed(tx, order, lines!), payment?.RefundableMinor ?? 0);
        Refund? refund = null;
        if (amount > 0)
        {
            if (payment is null) return RefundBook.TooLarge.With("refundable", 0);
            (refund, var refusal) = await refunds.Promise(tx, payment, amount, $"return:{id}", comeback.Reason, actor);
            if (refusal is not null) return refusal;
        }

        var whole = await Write(tx, new(id, orderId, refund?.Id, comeback.Reason, actor, time.NowMs()), comeback.Key, lines!, refund);
        await orders.Remark(tx, order, OrderRemarks.Returned, actor, comeback.Reason);
        await outbox.Add(tx, new OrderReturned(orderId, order.Number, order.UserId, id, time.NowMs()));
        if (refund is not null) await orders.RefundedIfAll(tx, order, payment!, comeback.Reason, actor);
        return whole;
    }

    /// <summary>The returns of an order, the oldest first.</summary>
    public static async Task<List<WholeReturn>> Of(Tx tx, string orderId)
    {
        var found = await tx.Query<Return>($"""
            SELECT {Return.Columns} FROM shop_returns
            WHERE order_id = @orderId
            ORDER BY created_at, id
            LIMIT 200
            """, new { orderId });
        var whole = new List<WholeReturn>();
        foreach (var one in found) whole.Add(await Whole(tx, one));
        return whole;
    }

    public static async Task<WholeReturn?> Find(Tx tx, string id) =>
        await tx.First<Return>($"SELECT {Return.Columns} FROM shop_returns WHERE id = @id", new { id }) is { } found
            ? await Whole(tx, found)
            : null;

    private static async Task<WholeReturn?> Earlier(Tx tx, string orderId, string key)
    {
        var found = await tx.First<Return>($"""
            SELECT {Return.Columns} FROM shop_returns
            WHERE order_id = @orderId AND request_key = @key
            """, new { orderId, key });
        return found is null ? null : await Whole(tx, found);
    }

    private static async Task<WholeReturn> Whole(Tx tx, Return one) => new(
        one,
        await tx.Query<ReturnLine>("""
            SELECT product_id, quantity, is_restocked, amount_minor FROM shop_return_lines
            WHERE return_id = @id
            ORDER BY product_id, is_restocked DESC
            LIMIT 200
            """, new { id = one.Id }),
        one.RefundId is null ? null : await RefundBook.Find(tx, one.RefundId));

    /// <summary>It left the warehouse; an order that was refunded before it did has its pieces back already.</summary>
    private static async ValueTask<bool> IsWithBuyer(Tx tx, Order order) => order.State switch
    {
        OrderStatus.Shipped or OrderStatus.Delivered => true,
        OrderStatus.Refunded => await tx.First<bool>(
            "SELECT stock_returned = false FROM shop_orders WHERE id = @id", new { id = order.Id }),
        _ => false,
    };

    /// <summary>The lines with what was paid for their pieces.</summary>
    private static async Task<Outcome<List<ReturnLine>>> TakeLines(Tx tx, Order order, IReadOnlyList<ReturnLine> wanted)
    {
        var bought = (await OrderBook.Find(tx, order.Id, OrderAccess.Admin))!.Lines;
        var paid = PaidShares.Of(bought, order);
        var back = bought.ToDictionary(line => line.ProductId, line => line.Returned);
        var taken = new List<ReturnLine>();
        foreach (var one in wanted)
        {
            var i = bought.ToList().FindIndex(line => line.ProductId == one.ProductId);
            if (i < 0) return TooMany.With("productId", one.ProductId).With("left", 0);
            var (line, before) = (bought[i], back[one.ProductId]);
            var isTaken = await tx.Execute("""
                UPDATE shop_order_lines SET returned = returned + @pieces, written_off = written_off + @writtenOff
                WHERE order_id = @orderId AND product_id = @productId AND quantity - returned >= @pieces
                """, new
            {
                orderId = order.Id,
                productId = one.ProductId,
                pieces = one.Quantity,
                writtenOff = one.IsRestocked ? 0 : one.Quantity,
            });
            if (isTaken == 0) return TooMany.With("productId", one.ProductId).With("left", line.Quantity - before);
            taken.Add(one with { AmountMinor = PaidShares.ForPieces(paid[i], line.Quantity, before, one.Quantity) });
            back[one.ProductId] = before + one.Quantity;
        }

        return taken;
    }

    /// <summary>What was paid for the pieces, and with the last of them what was paid for their way to the buyer.</summary>
    private static async Task<long> Proposed(Tx tx, Order order, List<ReturnLine> lines)
    {
        var isAll = await tx.First<bool>("""
            SELECT NOT EXISTS (SELECT 1 FROM shop_order_lines WHERE order_id = @id AND returned < quantity)
            """, new { id = order.Id });
        return lines.Sum(line => line.AmountMinor) + (isAll ? order.ShippingMinor : 0);
    }

    private static async Task<WholeReturn> Write(Tx tx, Return one, string key, List<ReturnLine> lines, Refund? refund)
    {
        await tx.Execute("""
            INSERT INTO shop_returns (id, order_id, request_key, refund_id, reason, actor, created_at)
            VALUES (@id, @orderId, @key, @refundId, @reason, @actor, @at)
            """, new
        {
            id = one.Id,
            orderId = one.OrderId,
            key,
            refundId = one.RefundId,
            reason = one.Reason,
            actor = one.Actor,
            at = one.CreatedAt,
        });
        await tx.ExecuteEach("""
            INSERT INTO shop_return_lines (return_id, product_id, is_restocked, quantity, amount_minor)
            VALUES (@returnId, @productId, @isRestocked, @quantity, @amount)
            """, lines.ConvertAll(line => new
        {
            returnId = one.Id,
            productId = line.ProductId,
            isRestocked = line.IsRestocked,
            quantity = line.Quantity,
            amount = line.AmountMinor,
        }));
        return new(one, lines, refund);
    }

    /// <summary>
    /// What can be sold is on the shelf again. What cannot came back and went: the shelf is as it was, and the ledger says both.
    /// </summary>
    private async Task Shelve(Tx tx, Order order, List<ReturnLine> lines, string actor)
    {
        var ledger = new Ledger(actor, time.NowMs());
        foreach (var line in lines.Where(line => !line.IsRestocked))
        {
            ledger.Add(new(line.ProductId, Movement.Returned, line.Quantity, 0, OrderId: order.Id, Reason: order.Number));
            ledger.Add(new(line.ProductId, Movement.WrittenOff, -line.Quantity, 0, OrderId: order.Id, Reason: order.Number));
        }

        await ledger.Write(tx);
        var restocked = lines.Where(line => line.IsRestocked).Select(line => new Pieces(line.ProductId, line.Quantity))
            .OrderBy(pieces => pieces.ProductId, StringComparer.Ordinal).ToList();
        if (restocked.Count > 0) await stock.Return(tx, restocked, order.Id, actor, order.Number);
    }
}

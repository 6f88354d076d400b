using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;

namespace Kontor.Shop.Orders;

/// <summary>
/// Takes people out of their orders. Of an order that has ended, amounts, products, country and number are kept, as tax law wants it, and
/// nothing that tells whose it was. An order that is under way keeps name and address until it has ended, because it has to arrive, and
/// at the latest for 90 days.
/// </summary>
internal sealed class Buyers(Carts carts, Outbox outbox, TimeProvider time)
{
    private const long UnderWayMsMax = 90 * Clock.Day;

    /// <summary>Few enough that others do not wait long for their locks.</summary>
    private const int OrdersAtOnce = 100;

    private sealed record Found(string Id, string? TokenHash, string? GuestHash);

    /// <summary>Some of a person's orders; how many are left is unknown while this answers true.</summary>
    public async Task<bool> ForgetUser(Tx tx, string userId) => await Forget(tx, await tx.Query<Found>($"""
        SELECT id, token_hash, guest_hash FROM shop_orders
        WHERE user_id = @userId
        ORDER BY serial
        LIMIT {OrdersAtOnce}
        """, new { userId }));

    /// <summary>Likewise some of those that guests placed under an address until a moment, with their carts.</summary>
    public async Task<bool> ForgetGuest(Tx tx, string email, long until) => await Forget(tx, await tx.Query<Found>($"""
        SELECT id, token_hash, guest_hash FROM shop_orders
        WHERE lower(email) = @email AND user_id IS NULL AND created_at <= @until
        ORDER BY serial
        LIMIT {OrdersAtOnce}
        """, new { email, until }));

    /// <summary>One order's buyer; false when there is no such order.</summary>
    public async Task<bool> ForgetOf(Tx tx, string orderId, OrderAccess access)
    {
        if (!await OrderBook.Exists(tx, orderId, access)) return false;
        // From the phones of somebody who still has an account it goes by itself.
        if (await tx.First<string>("SELECT user_id FROM shop_orders WHERE id = @orderId", new { orderId }) is { } userId)
            await OrderChanged.Tell(tx, outbox, orderId, userId);
        return await Forget(tx, await tx.Query<Found>(
            "SELECT id, token_hash, guest_hash FROM shop_orders WHERE id = @orderId", new { orderId }));
    }

    /// <summary>An order has ended: if its buyer is to be forgotten, that is now.</summary>
    public static Task EmptyForgotten(Tx tx, string orderId) => Empty(tx, [orderId]);

    /// <summary>Orders that never ended: the number of those that were emptied.</summary>
    public async Task<int> EmptyOverdue(Tx tx)
    {
        string[] ids = [.. await tx.Query<string>($"""
            SELECT id FROM shop_orders
            WHERE forget_at <= @now
            ORDER BY forget_at
            LIMIT {OrdersAtOnce}
            """, new { now = time.NowMs() })];
        if (ids.Length > 0) await Empty(tx, ids);
        return ids.Length;
    }

    private async Task<bool> Forget(Tx tx, List<Found> orders)
    {
        if (orders.Count == 0) return false;
        string[] ids = [.. orders.Select(order => order.Id)];
        // Before the ends are looked at: from here on an order that ends meanwhile is emptied by who ends it.
        await tx.Execute($"""
            UPDATE shop_orders SET user_id = NULL, guest_hash = NULL, email = NULL, sealed_token = NULL, forget_at = @at
            WHERE id {tx.Dialect.In("ids")}
            """, new { ids, at = time.NowMs() + UnderWayMsMax });
        string[] ended = [.. await tx.Query<string>($"""
            SELECT id FROM shop_orders
            WHERE id {tx.Dialect.In("ids")} AND status IN ('delivered', 'cancelled', 'refunded', 'expired')
            """, new { ids })];
        if (ended.Length > 0) await Empty(tx, ended);
        foreach (var order in orders)
        {
            // The answers that were saved for them tell names and addresses too.
            if (order.TokenHash is { } link) await Idempotency.ForgetGuest(tx, link);
            if (order.GuestHash is not { } guest) continue;
            await Idempotency.ForgetGuest(tx, guest);
            await carts.Forget(tx, userId: null, guest);
        }

        return true;
    }

    private static async Task Empty(Tx tx, string[] ids)
    {
        string[] emptied = [.. await tx.Query<string>($"""
            UPDATE shop_orders SET name = '', street = '', city = '', postal_code = '', token_hash = NULL, forget_at = NULL,
                tracking_number = NULL, tracking_url = NULL
            WHERE id {tx.Dialect.In("ids")} AND forget_at IS NOT NULL
            RETURNING id
            """, new { ids })];
        if (emptied.Length == 0) return;
        // Somebody's own words.
        await tx.Execute($"""
            UPDATE shop_order_timeline SET reason = NULL
            WHERE order_id {tx.Dialect.In("emptied")} AND reason IS NOT NULL
            """, new { emptied });
        await tx.Execute($"UPDATE shop_returns SET reason = NULL WHERE order_id {tx.Dialect.In("emptied")}", new { emptied });
        await tx.Execute($"UPDATE shop_refunds SET reason = NULL WHERE order_id {tx.Dialect.In("emptied")}", new { emptied });
    }
}

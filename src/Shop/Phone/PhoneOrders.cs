using System.Globalization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Shop.Orders;

namespace Kontor.Shop.Phone;

/// <summary>
/// Copies an order to what its buyer's phones keep, whenever it changed, with a version drawn first. It copies what the order is by then,
/// so events may come late, twice or in any order. An order that is no longer its buyer's goes from the phones.
/// </summary>
internal sealed class PhoneOrders(Database database, IEnumerable<ISyncVersions> versions) : IEventHandler
{
    private readonly ISyncVersions? _versions = versions.FirstOrDefault();

    private sealed record Changed(string OrderId, string? UserId);

    private sealed record Row(long Serial, string Status, long TotalMinor, string Currency, long CreatedAt, long UpdatedAt);

    private sealed record Line(string ProductId, string Name, long Quantity, long PriceMinor, long Position);

    public string Name => "shop.phone-orders";

    public string Event => OrderChanged.Name;

    public Task Handle(StoredEvent stored, CancellationToken ct)
    {
        var (orderId, userId) = stored.As<Changed>();
        return userId is null ? Task.CompletedTask : Copy(userId, orderId, ct);
    }

    /// <summary>Orders of people that no phone could have heard of, because they are older than this table.</summary>
    public async Task CopyMissing(CancellationToken ct)
    {
        if (_versions is null) return;
        List<OrderChanged> missing;
        do
        {
            missing = await database.Read(tx => tx.Query<OrderChanged>("""
                SELECT o.id AS order_id, o.user_id FROM shop_orders o
                WHERE o.user_id IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM shop_phone_orders p WHERE p.user_id = o.user_id AND p.id = o.id)
                ORDER BY o.user_id
                LIMIT 100
                """).AsTask(), ct);
            foreach (var (orderId, userId) in missing) await Copy(userId!, orderId, ct);
        }
        while (missing.Count > 0);
    }

    private async Task Copy(string userId, string orderId, CancellationToken ct)
    {
        if (_versions is null) return;
        // A version that is drawn for nobody would give an id that is gone a counter.
        if (!await database.Read(tx => IsAnybodys(tx, userId, orderId).AsTask(), ct)) return;
        await database.Write(
            async tx =>
            {
                var version = await _versions.Draw(tx, userId);
                var args = new { userId, orderId, version };
                var row = await tx.First<Row>("""
                    SELECT serial, status, total_minor, currency, created_at, updated_at FROM shop_orders
                    WHERE id = @orderId AND user_id = @userId
                    """, args);
                if (row is null) await Revoke(tx, args);
                else await Grant(tx, userId, orderId, version, row);
            }, ct);
    }

    private static ValueTask<bool> IsAnybodys(Tx tx, string userId, string orderId) => tx.First<bool>("""
        SELECT EXISTS (SELECT 1 FROM shop_orders WHERE id = @orderId AND user_id = @userId)
            OR EXISTS (SELECT 1 FROM shop_phone_orders WHERE id = @orderId AND user_id = @userId AND is_deleted = false)
        """, new { userId, orderId });

    private static async Task Revoke(Tx tx, object args)
    {
        await tx.Execute("""
            UPDATE shop_phone_orders SET is_deleted = true, version = @version
            WHERE user_id = @userId AND id = @orderId AND is_deleted = false
            """, args);
        await tx.Execute("""
            UPDATE shop_phone_order_items SET is_deleted = true, version = @version
            WHERE user_id = @userId AND order_id = @orderId AND is_deleted = false
            """, args);
    }

    private static async Task Grant(Tx tx, string userId, string orderId, long version, Row row)
    {
        await tx.Execute("""
            INSERT INTO shop_phone_orders (user_id, id, number, status, total_minor, currency, created_at, updated_at, version, is_deleted)
            VALUES (@userId, @orderId, @number, @status, @total, @currency, @createdAt, @updatedAt, @version, false)
            ON CONFLICT (user_id, id) DO UPDATE SET
                status = excluded.status, total_minor = excluded.total_minor, updated_at = excluded.updated_at,
                version = excluded.version, is_deleted = false
            """, new
        {
            userId,
            orderId,
            number = Order.NumberOf(row.Serial, row.CreatedAt),
            status = row.Status,
            total = row.TotalMinor,
            currency = row.Currency,
            createdAt = row.CreatedAt,
            updatedAt = row.UpdatedAt,
            version,
        });
        var items = (await tx.Query<Line>("""
            SELECT product_id, name, quantity, price_minor, position FROM shop_order_lines
            WHERE order_id = @orderId
            ORDER BY position
            """, new { orderId })).Select(line => new
        {
            userId,
            id = string.Create(CultureInfo.InvariantCulture, $"{orderId}.{line.Position}"),
            orderId,
            productId = line.ProductId,
            name = line.Name,
            quantity = line.Quantity,
            price = line.PriceMinor,
            position = line.Position,
            version,
        }).ToList();
        // What was bought never changes, so that only a new order, or one that comes back, has items to send.
        await tx.ExecuteEach("""
            INSERT INTO shop_phone_order_items (
                user_id, id, order_id, product_id, name, quantity, price_minor, position, version, is_deleted)
            VALUES (@userId, @id, @orderId, @productId, @name, @quantity, @price, @position, @version, false)
            ON CONFLICT (user_id, id) DO UPDATE SET version = excluded.version, is_deleted = false
            WHERE shop_phone_order_items.is_deleted = true
            """, items);
    }
}

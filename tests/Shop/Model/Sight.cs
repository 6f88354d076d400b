using Kontor.Foundation.Data;
using Kontor.Shop.Orders;

namespace Kontor.Shop.Tests.Model;

/// <summary>
/// What can be seen of a story's products, carts and orders, in words that are compared: the model's and the real shop's.
/// </summary>
/// <param name="Products">Their ids; the model's number is the position.</param>
/// <param name="Orders">Likewise.</param>
internal sealed record Sight(IReadOnlyList<string> Products, IReadOnlyList<string> Orders)
{
    private sealed record Pieces(string Id, long OnHand, long? Quantity, long? ExpiresAt);

    private sealed record CartLine(string Owner, string ProductId, long Quantity, long? Wanted, long Held);

    private sealed record Row(string Id, string Status, bool StockTaken, long Captured, long Promised);

    public static string Product(int number, long onHand, IEnumerable<(long Quantity, long Until)> holds)
    {
        var held = holds.Order().Select(hold => $"{hold.Quantity} until {hold.Until}");
        return $"product {number}: {onHand} on the shelf, held [{string.Join(", ", held)}]";
    }

    public static string Line(int buyer, int product, long quantity, long? wanted, long held) =>
        $"cart of {buyer}: {quantity} of product {product}, {held} held{(wanted is null ? "" : $", {wanted} wanted")}";

    public static string Order(int number, OrderStatus status, bool isTaken, long captured, long promised) =>
        $"order {number}: {status}{(isTaken ? ", taken" : "")}, {captured} came, {promised} promised back";

    /// <summary>Holds that have run out count for nothing, whether they were given back or not.</summary>
    /// <param name="buyers">The hashes of guests' tokens, and the customer's id, in the order of the buyers' numbers.</param>
    public async Task<List<string>> Of(Tx tx, string[] buyers, long now)
    {
        string[] productIds = [.. Products], orderIds = [.. Orders];
        var pieces = (await tx.Query<Pieces>($"""
            SELECT s.product_id AS id, s.on_hand, h.quantity, h.expires_at
            FROM shop_stock s LEFT JOIN shop_holds h ON h.product_id = s.product_id AND h.expires_at > @now
            WHERE s.product_id {tx.Dialect.In("productIds")}
            """, new { productIds, now })).ToLookup(piece => piece.Id);
        var lines = await tx.Query<CartLine>($"""
            SELECT COALESCE(c.user_id, c.token_hash) AS owner, l.product_id, l.quantity, l.wanted, COALESCE(h.quantity, 0) AS held
            FROM shop_carts c
            JOIN shop_cart_lines l ON l.cart_id = c.id
            LEFT JOIN shop_holds h ON h.product_id = l.product_id AND h.holder = l.cart_id AND h.expires_at > @now
            WHERE COALESCE(c.user_id, c.token_hash) {tx.Dialect.In("buyers")}
            """, new { buyers, now });
        var orders = (await tx.Query<Row>($"""
            SELECT o.id, o.status, o.stock_taken,
                COALESCE(p.captured_minor, 0) AS captured, COALESCE(p.refunding_minor, 0) AS promised
            FROM shop_orders o LEFT JOIN shop_payments p ON p.order_id = o.id
            WHERE o.id {tx.Dialect.In("orderIds")}
            """, new { orderIds })).ToDictionary(row => row.Id);
        return
        [
            .. productIds.Select((id, number) => Product(number, pieces[id].First().OnHand, pieces[id]
                .Where(piece => piece.Quantity is not null).Select(piece => (piece.Quantity!.Value, piece.ExpiresAt!.Value)))),
            .. lines
                .Select(line => (
                    Buyer: Array.IndexOf(buyers, line.Owner), Product: Array.IndexOf(productIds, line.ProductId), Line: line))
                .OrderBy(line => line.Buyer).ThenBy(line => line.Product)
                .Select(line => Line(line.Buyer, line.Product, line.Line.Quantity, line.Line.Wanted, line.Line.Held)),
            .. orderIds.Select((id, number) => Order(
                number, Enum.Parse<OrderStatus>(orders[id].Status, ignoreCase: true), orders[id].StockTaken, orders[id].Captured,
                orders[id].Promised)),
        ];
    }
}

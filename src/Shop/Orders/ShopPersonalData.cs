using Kontor.Foundation.Data;
using Kontor.Foundation.Privacy;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;

namespace Kontor.Shop.Orders;

/// <summary>A person's cart and orders, and the orders that they placed as a guest under the address of the account.</summary>
internal sealed class ShopPersonalData(Database database, Carts carts, Buyers buyers) : IPersonalData
{
    private sealed record Place(long Serial, string ProductId, long CreatedAt);

    public string Name => "shop";

    public string? Stores => "Your cart, what you wait for, and your orders with their addresses.";

    public string? Keeps =>
        "Numbers, products, amounts and countries of your orders, for tax law. One that is under way arrives first.";

    public async Task Export(DataSubject person, ExportWriter export, CancellationToken ct)
    {
        export.Value("cart", await database.Read(tx => carts.Of(tx, person.UserId), ct));
        await export.List<WholeOrder, OrderView>(
            "orders",
            async (tx, last) => [.. await OrderBook.Of(tx, person.UserId, SerialOf(last), ExportWriter.PageRows)],
            OrderView.Of,
            ct);
        await export.List<Place, object>(
            "waitingFor",
            (tx, last) => tx.Query<Place>($"""
                SELECT serial, product_id, created_at FROM shop_waiting
                WHERE (user_id = @userId OR lower(email) = @email) AND serial > @after
                ORDER BY serial
                LIMIT {ExportWriter.PageRows}
                """, new { userId = person.UserId, email = person.Email, after = last?.Serial ?? 0 }),
            one => new { one.ProductId, since = one.CreatedAt.ToTime() },
            ct);
        if (person.Email is not { } email) return;
        await export.List<WholeOrder, OrderView>(
            "ordersAsGuest",
            async (tx, last) => [.. await OrderBook.OfGuest(tx, email, person.Until, SerialOf(last), ExportWriter.PageRows)],
            OrderView.Of,
            ct);
    }

    public async Task Erase(DataSubject person, CancellationToken ct)
    {
        await database.Write(tx => carts.Forget(tx, person.UserId, tokenHash: null), ct);
        await database.Write(tx => ForgetWishes(tx, person), ct);
        while (await database.Write(tx => buyers.ForgetUser(tx, person.UserId), ct)) { }
        await database.Write(tx => ForgetPhones(tx, person.UserId), ct);
        if (person.Email is not { } email) return;
        while (await database.Write(tx => buyers.ForgetGuest(tx, email, person.Until), ct)) { }
    }

    /// <summary>After the orders themselves, from which an event under way would copy them again.</summary>
    private static async Task ForgetPhones(Tx tx, string userId)
    {
        await tx.Execute("DELETE FROM shop_phone_order_items WHERE user_id = @userId", new { userId });
        await tx.Execute("DELETE FROM shop_phone_orders WHERE user_id = @userId", new { userId });
    }

    /// <summary>Places in line, also those as a guest under the person's address, and what phones did to the cart.</summary>
    private static async Task ForgetWishes(Tx tx, DataSubject person)
    {
        var args = new { userId = person.UserId, owner = CartOwner.KeyOf(person.UserId, tokenHash: null), email = person.Email };
        await tx.Execute("DELETE FROM shop_waiting WHERE user_id = @userId OR lower(email) = @email", args);
        await tx.Execute("DELETE FROM shop_cart_operations WHERE owner = @owner", args);
    }

    private static long SerialOf(WholeOrder? last) => last?.Order.Serial ?? long.MaxValue;
}

using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Shop.Widgets;

/// <summary>What the shop knows of a person, so that the front page's rules can ask about it.</summary>
internal sealed class ShopAttributes(Database database) : IPersonAttributes
{
    public const string SourceName = "shop";

    private const string Orders = "orders";
    private const string HasCart = "hasCart";

    /// <summary>Rules ask who is new and who comes often, not for the exact number of a wholesaler's orders.</summary>
    private const int OrdersMax = 100;

    private sealed record Known(long Orders, bool HasCart);

    public string Source => SourceName;

    public IReadOnlyList<PersonAttribute> Attributes { get; } =
    [
        new(Orders, AttributeType.Number, AttributePrivacy.Personal,
            $"How many orders they have placed that stand; {OrdersMax} when there are more."),
        new(HasCart, AttributeType.Flag, AttributePrivacy.Personal, "Whether something lies in their cart."),
    ];

    public async Task<IReadOnlyDictionary<string, JsonElement>> Of(string userId, CancellationToken ct)
    {
        var known = (await database.Read(tx => tx.First<Known>($"""
            SELECT (SELECT COUNT(*) FROM (
                        SELECT 1 FROM shop_orders
                        WHERE user_id = @userId AND status NOT IN ('cancelled', 'expired')
                        LIMIT {OrdersMax}) AS orders) AS orders,
                   EXISTS (
                        SELECT 1 FROM shop_carts c
                        JOIN shop_cart_lines l ON l.cart_id = c.id
                        WHERE c.user_id = @userId) AS has_cart
            """, new { userId }).AsTask(), ct))!;
        return new Dictionary<string, JsonElement>
        {
            [Orders] = JsonSerializer.SerializeToElement(known.Orders),
            [HasCart] = JsonSerializer.SerializeToElement(known.HasCart),
        };
    }
}

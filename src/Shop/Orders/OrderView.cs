using System.Text.Json.Serialization;
using Kontor.Foundation;
using Kontor.Foundation.Time;
using Kontor.Shop.Checkout;

namespace Kontor.Shop.Orders;

/// <param name="Price">For one piece, as it was when it was ordered.</param>
public sealed record OrderItemView(string ProductId, string Name, long Quantity, decimal Price);

/// <param name="By">`customer`, `shop` or `system`.</param>
public sealed record OrderMomentView(OrderStatus Status, DateTimeOffset At, string By, string? Reason);

public sealed record OrderPaymentView(string Method);

/// <param name="Number">For people; the id is for programs.</param>
public sealed record OrderView(
    string Id,
    string Number,
    IReadOnlyList<OrderItemView> Items,
    decimal TotalAmount,
    string Currency,
    OrderStatus Status,
    IReadOnlyList<OrderMomentView> Timeline,
    OrderPaymentView Payment,
    ShippingAddress ShippingAddress,
    DateTimeOffset CreatedAt)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Email { get; init; }

    /// <summary>Opens the order to whoever has it, as `/orders/{id}?token=`. Only in the answer that places a guest's order.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Token { get; init; }

    /// <summary>Whose order it is; for admins only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? UserId { get; init; }

    internal static OrderView Of(WholeOrder whole)
    {
        var order = whole.Order;
        return new(
            order.Id,
            order.Number,
            [.. whole.Lines.Select(line => new OrderItemView(
                line.ProductId, line.Name, line.Quantity, new Money(line.PriceMinor, order.Currency).Major))],
            order.Total.Major,
            order.Currency,
            order.State,
            [.. whole.Timeline.Select(moment => new OrderMomentView(
                Enum.Parse<OrderStatus>(moment.Status, ignoreCase: true), moment.At.ToTime(), By(moment.Actor), moment.Reason))],
            new OrderPaymentView(order.PaymentMethod),
            new ShippingAddress(order.Name, order.Street, order.City, order.PostalCode, order.Country),
            order.CreatedAt.ToTime())
        {
            Email = order.Email,
        };
    }

    internal static OrderView ForAdmin(WholeOrder whole) => Of(whole) with { UserId = whole.Order.UserId };

    /// <summary>Which of the shop's people it was is not the customer's business.</summary>
    private static string By(string actor) => actor switch
    {
        "system" => "system",
        "guest" => "customer",
        _ => actor.StartsWith("user:", StringComparison.Ordinal) ? "customer" : "shop",
    };
}

using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Orders;

/// <summary>How far an order has come.</summary>
public enum OrderStatus
{
    Pending,
    Paid,
    Shipped,
    Delivered,
    Cancelled,
    Refunded,
}

/// <summary>An order's row.</summary>
/// <param name="Serial">Counts the shop's orders; their lists are sorted by it.</param>
/// <param name="TokenHash">Of a guest's link; null when the buyer was signed in.</param>
internal sealed record Order(
    long Serial,
    string Id,
    string? UserId,
    string? TokenHash,
    string? Email,
    string Name,
    string Street,
    string City,
    string PostalCode,
    string Country,
    string PaymentMethod,
    long TotalMinor,
    string Currency,
    string Status,
    long CreatedAt)
{
    public const string Columns = """
        serial, id, user_id, token_hash, email, name, street, city, postal_code, country,
        payment_method, total_minor, currency, status, created_at
        """;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such order.");

    /// <summary>What people read to each other on the telephone: unique, because the serial number is.</summary>
    public string Number => string.Create(CultureInfo.InvariantCulture, $"K-{CreatedAt.ToTime().Year}-{Serial:D6}");

    public OrderStatus State => Enum.Parse<OrderStatus>(Status, ignoreCase: true);

    public Money Total => new(TotalMinor, Currency);
}

/// <summary>What was bought, as it was called and priced then.</summary>
internal sealed record OrderLine(string OrderId, string ProductId, string Name, long Quantity, long PriceMinor, long Position);

/// <summary>Something that happened to an order.</summary>
internal sealed record OrderMoment(string OrderId, string Status, string Actor, string? Reason, long At);

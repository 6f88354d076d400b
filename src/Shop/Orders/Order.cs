using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Time;
using Kontor.Shop.Payments;

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

    /// <summary>It was not paid in time.</summary>
    Expired,
}

/// <summary>An order's row.</summary>
/// <param name="Serial">Counts the shop's orders; their lists are sorted by it.</param>
/// <param name="TokenHash">Of a guest's link; null when the buyer was signed in.</param>
/// <param name="TotalMinor">Goods, less the discount, and shipping.</param>
/// <param name="TaxRate">In hundredths of a percent.</param>
/// <param name="TaxMinor">Contained in the total.</param>
/// <param name="PayBy">When it expires if it is not paid, milliseconds since 1970; null when it has all the time in the world.</param>
/// <param name="StockTaken">Its pieces have left the shelf; before, they are held under its id.</param>
/// <param name="Language">In which its buyer gets letters, `en` or `de`.</param>
/// <param name="GuestHash">Of the guest's own token, which is the same for all of their orders.</param>
/// <param name="Carrier">The key of who brings it; null until it is shipped, or where nobody does.</param>
/// <param name="SealedToken">The secret of a guest's link, which only this shop can read.</param>
internal sealed record Order(
    long Serial,
    string Id,
    string? UserId,
    string? TokenHash,
    string? GuestHash,
    string? Email,
    string Name,
    string Street,
    string City,
    string PostalCode,
    string Country,
    string PaymentMethod,
    long TotalMinor,
    long GoodsMinor,
    long DiscountMinor,
    string? Coupon,
    string ShippingMethod,
    long ShippingMinor,
    long TaxRate,
    long TaxMinor,
    string Currency,
    string Status,
    long? PayBy,
    bool StockTaken,
    string Language,
    long CreatedAt,
    string? Carrier = null,
    string? TrackingNumber = null,
    string? TrackingUrl = null,
    string? SealedToken = null)
{
    public const string Columns = """
        serial, id, user_id, token_hash, guest_hash, email, name, street, city, postal_code, country,
        payment_method, total_minor, goods_minor, discount_minor, coupon, shipping_method, shipping_minor, tax_rate, tax_minor,
        currency, status, pay_by, stock_taken, language, created_at, carrier, tracking_number, tracking_url, sealed_token
        """;

    public static readonly Problem Unknown = new(404, "not-found", "There is no such order.");

    /// <summary>What people read to each other on the telephone: unique, because the serial number is.</summary>
    public string Number => NumberOf(Serial, CreatedAt);

    public OrderStatus State => Enum.Parse<OrderStatus>(Status, ignoreCase: true);

    public static string NumberOf(long serial, long createdAt) =>
        string.Create(CultureInfo.InvariantCulture, $"K-{createdAt.ToTime().Year}-{serial:D6}");

    public Money Total => new(TotalMinor, Currency);

    /// <summary>At a provider; not by a transfer that an admin sees on the bank's statement.</summary>
    public bool IsPaidOnline => PaymentMethod != PaymentMethods.Invoice;
}

/// <summary>What was bought, as it was called and priced then.</summary>
/// <param name="Returned">So many pieces came back; <paramref name="WrittenOff"/> of them could not be sold again.</param>
internal sealed record OrderLine(
    string OrderId, string ProductId, string Name, long Quantity, long PriceMinor, long Position, long Returned = 0, long WrittenOff = 0);

/// <summary>Something that happened to an order.</summary>
/// <param name="Event">One of <see cref="OrderRemarks"/>; null when it came to this status.</param>
internal sealed record OrderMoment(string OrderId, string Status, string Actor, string? Reason, long At, string? Event = null);

using System.Text.Json.Serialization;
using Kontor.Foundation;
using Kontor.Foundation.Time;
using Kontor.Shop.Checkout;
using Kontor.Shop.Invoices;
using Kontor.Shop.Payments;
using Kontor.Shop.Pricing;

namespace Kontor.Shop.Orders;

/// <param name="Price">For one piece, as it was when it was ordered.</param>
public sealed record OrderItemView(string ProductId, string Name, long Quantity, decimal Price)
{
    /// <summary>So many of them came back.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Returned { get; init; }
}

/// <param name="By">`customer`, `shop` or `system`.</param>
public sealed record OrderMomentView(OrderStatus Status, DateTimeOffset At, string By, string? Reason)
{
    /// <summary>What happened while the status stayed: `parcel`, `returned` or `partly-refunded`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Event { get; init; }
}

/// <param name="Carrier">Its key, for instance `dhl`.</param>
/// <param name="TrackingUrl">Where the parcel can be followed; null without a number.</param>
public sealed record ShipmentView(string Carrier, string? TrackingNumber, string? TrackingUrl);

/// <summary>How far the money of an order has come.</summary>
public enum PaymentStatus
{
    /// <summary>Nobody has begun to pay; an invoice is outstanding.</summary>
    Unpaid,

    /// <summary>The buyer was sent to pay, and has not.</summary>
    Open,

    /// <summary>The money is authorised, and being taken.</summary>
    Processing,

    Paid,
    PartlyRefunded,
    Refunded,

    /// <summary>The order ended without it.</summary>
    Cancelled,
}

/// <param name="Method">`card` or `invoice`.</param>
/// <param name="Refunded">What of it has gone back, or is on its way back.</param>
public sealed record OrderPaymentView(string Method, PaymentStatus Status, decimal Paid, decimal Refunded)
{
    /// <summary>Until then it can be paid online; nothing where there is no such limit, or once it is paid.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTimeOffset? PayBy { get; init; }

    /// <summary>Why the buyer's last attempt failed, as the provider's code, for instance `insufficient_funds`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    internal static OrderPaymentView Of(Order order, IReadOnlyList<Payment> payments)
    {
        var (paid, refunding) = (payments.Sum(one => one.CapturedMinor), payments.Sum(one => one.RefundingMinor));
        return new(
            order.PaymentMethod,
            StatusOf(order, payments, paid, refunding),
            new Money(paid, order.Currency).Major,
            new Money(refunding, order.Currency).Major)
        {
            PayBy = order.State == OrderStatus.Pending ? order.PayBy?.ToTime() : null,
            Error = order.State == OrderStatus.Pending && payments.Count > 0 ? payments[^1].LastError : null,
        };
    }

    private static PaymentStatus StatusOf(Order order, IReadOnlyList<Payment> payments, long paid, long refunding)
    {
        if (paid > 0) return refunding == 0 ? PaymentStatus.Paid : refunding < paid ? PaymentStatus.PartlyRefunded : PaymentStatus.Refunded;
        if (order.State is OrderStatus.Cancelled or OrderStatus.Expired) return PaymentStatus.Cancelled;
        // An order of no price at all is paid as soon as somebody says so.
        if (order.State != OrderStatus.Pending) return PaymentStatus.Paid;
        if (payments.Any(one => one.Stage == PaymentState.Capturing)) return PaymentStatus.Processing;
        return payments.Any(one => one.Stage == PaymentState.Open) ? PaymentStatus.Open : PaymentStatus.Unpaid;
    }
}

/// <param name="Method">Its key.</param>
public sealed record OrderShippingView(string Method, decimal Price);

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
    /// <summary>What the items cost together; the total is this less the discount, and with shipping.</summary>
    public required decimal Goods { get; init; }

    public required decimal Discount { get; init; }

    /// <summary>The code that the discount came from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Coupon { get; init; }

    public required OrderShippingView Shipping { get; init; }

    /// <summary>Once it is shipped, unless nobody brings it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ShipmentView? Shipment { get; init; }

    /// <summary>The invoice, once it is paid, and a credit note for each refund; to print at `/orders/{id}/invoice/{number}`.</summary>
    public IReadOnlyList<InvoiceView> Invoices { get; init; } = [];

    /// <summary>Contained in the total.</summary>
    public required QuoteOrder.TaxView Tax { get; init; }

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
                line.ProductId, line.Name, line.Quantity, new Money(line.PriceMinor, order.Currency).Major)
            {
                Returned = line.Returned,
            })],
            order.Total.Major,
            order.Currency,
            order.State,
            [.. whole.Timeline.Select(moment => new OrderMomentView(
                Enum.Parse<OrderStatus>(moment.Status, ignoreCase: true), moment.At.ToTime(), By(moment.Actor), moment.Reason)
            {
                Event = moment.Event,
            })],
            OrderPaymentView.Of(order, whole.Payments),
            new ShippingAddress(order.Name, order.Street, order.City, order.PostalCode, order.Country),
            order.CreatedAt.ToTime())
        {
            Goods = new Money(order.GoodsMinor, order.Currency).Major,
            Discount = new Money(order.DiscountMinor, order.Currency).Major,
            Coupon = order.Coupon,
            Shipping = new(order.ShippingMethod, new Money(order.ShippingMinor, order.Currency).Major),
            Invoices = [.. whole.Invoices.Select(InvoiceView.Of)],
            Shipment = order.Carrier is null ? null : new(order.Carrier, order.TrackingNumber, order.TrackingUrl),
            Tax = QuoteOrder.TaxView.Of(order.TaxRate, order.TaxMinor, order.Currency),
            Email = order.Email,
        };
    }

    internal static OrderView ForAdmin(WholeOrder whole) => Of(whole) with { UserId = whole.Order.UserId };

    /// <summary>Which of the shop's people it was is not the customer's business.</summary>
    private static string By(string actor) => actor switch
    {
        "system" => "system",
        "guest" or "customer" => "customer",
        _ => "shop",
    };
}

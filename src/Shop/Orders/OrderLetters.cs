using System.Globalization;
using System.Security.Cryptography;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Ui;
using Microsoft.AspNetCore.DataProtection;

namespace Kontor.Shop.Orders;

/// <summary>
/// Writes to the buyer what happened to the order: one letter for each step, in their language, with a way back to the order. Nobody
/// gets one whose address was taken out of the order.
/// </summary>
/// <param name="happened">The event that this handler is for.</param>
internal sealed class OrderLetters(
    string happened, Database database, Letters letters, Shipments shipments, IDataProtectionProvider protection,
    IEnumerable<IAddressBook> addresses) : IEventHandler
{
    /// <summary>The steps of which there are letters.</summary>
    public static readonly string[] Steps =
    [
        OrderPlaced.Name, OrderPaid.Name, OrderShipped.Name, OrderDelivered.Name, OrderCancelled.Name, OrderExpired.Name,
        OrderRefunded.Name, OrderPartlyRefunded.Name, OrderReturned.Name,
    ];

    private readonly IAddressBook? _addresses = addresses.FirstOrDefault();

    public string Name => $"{happened}-letters";

    public string Event => happened;

    /// <summary>What the events tell, each a part of it.</summary>
    private sealed record Told(string OrderId, string? RefundId = null, string? ReturnId = null, long AmountMinor = 0);

    /// <summary>What a letter is written from.</summary>
    private sealed record Step(WholeOrder Whole, Told Told, WholeReturn? Return, string? Reason)
    {
        public Order Order => Whole.Order;

        public Money Refunding => new(Whole.Payments.Sum(payment => payment.RefundingMinor), Order.Currency);
    }

    public Task Handle(StoredEvent stored, CancellationToken ct) => database.Write(tx => Write(tx, stored.As<Told>()), ct);

    private async Task Write(Tx tx, Told told)
    {
        // Locked, so that nobody takes the buyer out of it before the letter is posted.
        if (await OrderBook.Lock(tx, told.OrderId, OrderAccess.Admin) is not { } order) return;
        if (await AddressOf(tx, order) is not { } to) return;
        var whole = (await OrderBook.Find(tx, told.OrderId, OrderAccess.Admin))!;
        var back = told.ReturnId is null ? null : await Returns.Find(tx, told.ReturnId);
        var reason = whole.Timeline.LastOrDefault(moment => moment.Event is null && moment.Status == order.Status)?.Reason;
        await letters.Post(
            tx, to, T => Content(T, new(whole, told, back, reason)) with
            {
                Link = LinkOf(order) is { } path ? new(T["Show the order"], path) : null,
                Reason = T["You get this letter because you ordered from us."],
            },
            key: $"{happened}/{told.RefundId ?? told.ReturnId ?? told.OrderId}",
            isSecret: order.UserId is null);
    }

    private LetterContent Content(Texts T, Step step) => happened switch
    {
        "shop.order-placed" => Placed(T, step),
        "shop.order-paid" => new()
        {
            Subject = T["Your payment for order {0} is here", step.Order.Number],
            Paragraphs = [T["Thank you: {0} are paid. We write again when the goods are on their way.", step.Order.Total]],
        },
        "shop.order-shipped" => Shipped(T, step),
        "shop.order-delivered" => new()
        {
            Subject = T["Order {0} was delivered", step.Order.Number],
            Paragraphs = [T["Your goods are with you. The order's page has the invoice."]],
        },
        "shop.order-cancelled" => new()
        {
            Subject = T["Order {0} is cancelled", step.Order.Number],
            Paragraphs =
            [
                T["Nothing of it will be sent."],
                .. step.Reason is null ? (string[])[] : [T[step.Reason]],
                .. step.Refunding.Minor > 0 ? (string[])[GoesBack(T, step, step.Refunding)] : [],
            ],
        },
        "shop.order-expired" => new()
        {
            Subject = T["Order {0} has expired", step.Order.Number],
            Paragraphs = [T["It was not paid in time, and its pieces are for sale again. Nothing was charged."]],
        },
        "shop.order-refunded" => new()
        {
            Subject = T["Order {0} is paid back", step.Order.Number],
            Paragraphs = [T["All that you paid for it goes back."], GoesBack(T, step, step.Refunding)],
        },
        "shop.order-partly-refunded" => new()
        {
            Subject = T["A part of order {0} is paid back", step.Order.Number],
            Paragraphs = [GoesBack(T, step, new(step.Told.AmountMinor, step.Order.Currency))],
        },
        _ => CameBack(T, step),
    };

    private static LetterContent Placed(Texts T, Step step) => new()
    {
        Subject = T["Your order {0}", step.Order.Number],
        Paragraphs =
        [
            T["Thank you for your order."],
            step.Order switch
            {
                { IsPaidOnline: false } => T["You pay by invoice; your order leaves once the money is here."],
                { State: OrderStatus.Pending } => T["It waits for your payment. We write again when it is here."],
                _ => T["We write again when the goods are on their way."],
            },
        ],
        Table = new(
        [
            .. step.Whole.Lines.Select(line => new LetterRow(
                $"{line.Quantity} × {line.Name}", Written(step, line.PriceMinor * line.Quantity))),
            .. step.Order.DiscountMinor > 0
                ? (LetterRow[])[new(T["Coupon {0}", step.Order.Coupon!], $"−{Written(step, step.Order.DiscountMinor)}")]
                : [],
            .. step.Order.ShippingMinor > 0
                ? (LetterRow[])[new(T["Shipping"], Written(step, step.Order.ShippingMinor))]
                : [],
            new(T["Total"], Written(step, step.Order.TotalMinor), IsTotal: true),
        ]),
    };

    private LetterContent Shipped(Texts T, Step step) => new()
    {
        Subject = T["Order {0} is on its way", step.Order.Number],
        Paragraphs = step.Order switch
        {
            { Carrier: null } => [T["Your goods have left us, or wait for you where you wanted to collect them."]],
            { TrackingNumber: null } => [T["{0} brings your goods.", shipments.NameOf(step.Order.Carrier)]],
            _ =>
            [
                T["{0} brings your goods, with the number {1}.", shipments.NameOf(step.Order.Carrier), step.Order.TrackingNumber],
                T["Follow them here: {0}", step.Order.TrackingUrl!],
            ],
        },
    };

    private static LetterContent CameBack(Texts T, Step step) => new()
    {
        Subject = T["What you sent back of order {0} is here", step.Order.Number],
        Paragraphs = step.Return?.Refund is { } refund ? [GoesBack(T, step, refund.Amount)] : [T["We have taken it back."]],
        Table = new([.. (step.Return?.Lines ?? []).Select(line => new LetterRow(
            step.Whole.Lines.FirstOrDefault(one => one.ProductId == line.ProductId)?.Name ?? "", $"{line.Quantity}"))]),
    };

    private static string Written(Step step, long minor) => new Money(minor, step.Order.Currency).ToString(CultureInfo.CurrentCulture);

    private static string GoesBack(Texts T, Step step, Money amount) => step.Order.IsPaidOnline
        ? T["We pay {0} back to where it came from. With a card that takes up to ten days to be seen.", amount]
        : T["We transfer {0} back to you.", amount];

    /// <summary>A guest's name may be an advertisement for whoever has the address.</summary>
    private async ValueTask<Recipient?> AddressOf(Tx tx, Order order) => order switch
    {
        { UserId: { } user } => _addresses is null ? null : await _addresses.Find(tx, user),
        { Email: { } email } => new(email, "", order.Language),
        _ => null,
    };

    /// <summary>A guest comes by a secret, which cannot be read once the shop's keys are lost.</summary>
    private string? LinkOf(Order order)
    {
        if (order.UserId is not null) return $"/orders/{order.Id}";
        if (order.SealedToken is null) return null;
        try
        {
            return $"/orders/{order.Id}?token={Uri.EscapeDataString(OrderLink.Protector(protection).Unprotect(order.SealedToken))}";
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}

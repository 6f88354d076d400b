using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Shop.Pricing;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Checkout;

/// <summary>The one transaction in which a cart becomes an order.</summary>
internal sealed class Checkout(
    Carts carts, Stock stock, HoldCaps caps, OrderBook orders, Quotes quotes, PaymentProviders providers, IOptions<ShopOptions> options,
    TimeProvider time)
{
    public static readonly Problem CartEmpty = new(409, "cart-empty", "There is nothing in the cart.");
    public static readonly Problem PriceChanged = new(409, "price-changed", "A price has risen since it was put in the cart.");
    public static readonly Problem TotalChanged = new(409, "total-changed", "The total has risen since it was shown.");
    public static readonly Problem MethodUnknown = new(400, "payment-method-unknown", "There is no such payment method.");
    public static readonly Problem EmailMissing = new Problem(400, "validation-failed", "The request is not valid.")
        .With("errors", new Dictionary<string, string[]> { ["email"] = [FieldErrors.EmailMissing] });

    /// <summary>What is wrong with the request whatever is in the cart; its fields have been validated.</summary>
    public Problem? Refuse(PlaceOrder.Request request, CartOwner owner)
    {
        if (providers.For(request.Payment!.Method!) is null) return MethodUnknown;
        return LacksEmail(request, owner) ? EmailMissing : null;
    }

    public static bool LacksEmail(PlaceOrder.Request request, CartOwner owner) => owner.IsGuest && string.IsNullOrWhiteSpace(request.Email);

    /// <summary>
    /// Locks the cart, then its products in the order of their ids. Two tabs with one cart make one order: the second finds no cart.
    /// </summary>
    public async Task<Outcome<OrderView>> Place(Tx tx, CartOwner owner, PlaceOrder.Request request)
    {
        var cartId = await carts.Open(tx, owner);
        var lines = await carts.Lines(tx, cartId);
        if (lines.Count == 0) return CartEmpty;
        if (lines.Find(line => line.IsDeleted) is { } gone)
            return Stock.Insufficient.With("productId", gone.ProductId).With("available", 0).With("held", gone.Held);
        if (!request.AcceptPrices && lines.Exists(line => line.CurrentPriceMinor > line.PriceMinor)) return Risen(lines);
        var (quote, unquoted) = await quotes.Of(tx, lines, new(request.ShippingAddress!.Country!, request.Shipping, request.Coupon));
        if (unquoted is not null) return unquoted;
        var totalMinor = quote!.Totals.Total;
        var total = new Money(totalMinor, lines[0].Currency).Major;
        if (total > request.ExpectedTotal) return TotalChanged.With("total", total);

        var provider = providers.For(request.Payment!.Method!)!;
        if (PaymentProviders.RefuseAmount(provider, totalMinor) is { } amount) return amount;

        var orderId = Ids.New(time);
        var sold = lines.Select(line => new Pieces(line.ProductId, line.Quantity)).ToList();
        var draft = Draft(orderId, owner, request, quote, lines[0].Currency);
        var bought = lines.Select((line, i) =>
            new OrderLine(orderId, line.ProductId, line.Name, line.Quantity, line.CurrentPriceMinor, Position: i + 1)).ToList();
        var order = await orders.Place(tx, cartId, draft, bought, owner.Actor);
        await Carts.Close(tx, owner, cartId, lines);
        if (await quotes.Take(tx, quote, orderId, owner.UserId ?? request.Email!.Trim()) is { } usedUp) return usedUp;
        // Last, because from here on others wait for these products. A refusal undoes all of the above.
        var problem = order.Order.IsPaidOnline
            ? await Keep(tx, owner, cartId, sold, orderId)
            : await stock.Consume(tx, cartId, sold, orderId, owner.Actor);
        return problem is null ? OrderView.Of(order) : problem;
    }

    /// <summary>The cart's pieces are held for the order, until its money is certain, or for as long as a cart's.</summary>
    private async ValueTask<Problem?> Keep(Tx tx, CartOwner owner, string cartId, IReadOnlyList<Pieces> sold, string orderId)
    {
        var expiresAt = time.NowMs() + options.Value.HoldMs(owner.IsGuest);
        await stock.Transfer(tx, cartId, orderId, [.. sold.Select(one => one.ProductId)], expiresAt, owner.Actor, owner.Network);
        var (_, problem) = await stock.Hold(tx, orderId, sold, expiresAt, owner.Actor, network: owner.Network);
        // An order that nobody pays for keeps its pieces from others like a cart.
        return problem ?? await caps.Refuse(tx, owner.Network, lines: []);
    }

    private Order Draft(string id, CartOwner owner, PlaceOrder.Request request, Quote quote, string currency)
    {
        var totals = quote.Totals;
        var address = request.ShippingAddress!;
        var isPaidOnline = request.Payment!.Method != PaymentMethods.Invoice;
        return new(
            Serial: 0, id, owner.UserId, OrderLink.HashOf(owner.OrderToken(id)), owner.IsGuest ? owner.TokenHash : null,
            request.Email?.Trim(),
            address.Name!, address.Street!, address.City!, address.PostalCode!, address.Country!,
            request.Payment.Method!, totals.Total, totals.Goods, totals.Discount, quote.Coupon?.Code, quote.Shipping.Key, totals.Shipping,
            totals.TaxRate, totals.Tax, currency, "pending",
            PayBy: isPaidOnline ? time.NowMs() + (options.Value.PaymentHours * Clock.Hour) : null,
            StockTaken: !isPaidOnline, owner.Language, CreatedAt: 0, SealedToken: owner.SealOrderToken(id));
    }

    private static Problem Risen(IEnumerable<CartLine> lines) => PriceChanged.With("items", lines
        .Where(line => line.CurrentPriceMinor > line.PriceMinor)
        .Select(line => new { productId = line.ProductId, price = line.Price.Major, currentPrice = line.CurrentPrice.Major })
        .ToList());
}

using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Shop.Orders;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Payments;

/// <summary>Begins the payment of an order at the provider, or goes on with the one that was begun.</summary>
internal sealed partial class Paying(
    Database database, OrderBook orders, PaymentBook payments, Settlement settlement, PaymentProviders providers, ProviderMarks marks,
    PublicUrl address, TimeProvider time, ILogger<Paying> logger)
{
    /// <summary>Whoever goes to pay has so much more time, once, and as much if the pieces had been lost and are taken again.</summary>
    private const long HoldMs = 15 * Clock.Minute;

    /// <summary>A request that is repeated must be the same, and open its page for long enough: so after a while it is another.</summary>
    private const long NewMsMax = 10 * Clock.Minute;
    private const long PageMsMin = 45 * Clock.Minute;

    private static readonly Problem NotOnline = new(409, "payment-not-online", "This order is not paid online.");

    private sealed record Begun(Order Order, Payment Payment);

    /// <summary>Where the buyer pays.</summary>
    public async Task<Outcome<string>> Start(string orderId, OrderAccess access, string actor, CancellationToken ct)
    {
        try
        {
            await LookFirst(orderId, access, ct);
            var (begun, problem) = await database.Write(tx => Begin(tx, orderId, access, actor), ct);
            if (problem is not null) return problem;
            return begun!.Payment.Url is { } url ? url : await Start(begun.Order, begun.Payment, ct);
        }
        catch (ProviderException exception)
        {
            LogUnavailable(orderId, exception.Code);
            return PaymentProviders.Unavailable;
        }
    }

    /// <summary>Perhaps it is paid already, or its page is over and another is needed.</summary>
    private async Task LookFirst(string orderId, OrderAccess access, CancellationToken ct)
    {
        var open = await database.Read(
            async tx => await OrderBook.Exists(tx, orderId, access) ? await PaymentBook.Live(tx, orderId) : null, ct);
        if (open is { Stage: PaymentState.Open }) await settlement.Settle(open.Id, ct);
    }

    private async Task<Outcome<Begun>> Begin(Tx tx, string orderId, OrderAccess access, string actor)
    {
        if (await OrderBook.Lock(tx, orderId, access) is not { } order) return Order.Unknown;
        if (!order.IsPaidOnline || providers.For(order.PaymentMethod) is not IOnlineProvider provider) return NotOnline;
        if (order.State != OrderStatus.Pending || order.StockTaken || orders.IsOverdue(order))
            return OrderBook.TooLate.With("orderStatus", orders.IsOverdue(order) ? OrderStatus.Expired : order.State);
        var now = time.NowMs();
        if (await orders.HoldStock(tx, order, HoldMs, actor) is { } problem) return problem;

        var live = await PaymentBook.Live(tx, orderId);
        if (live is { Stage: PaymentState.New } && (now - live.CreatedAt > NewMsMax || live.Provider != provider.Name))
        {
            await payments.Closed(tx, live, ProviderPayment.None);
            live = null;
        }

        return new Begun(order, live ?? (await payments.Begin(tx, order, provider.Name))!);
    }

    private async Task<Outcome<string>> Start(Order order, Payment payment, CancellationToken ct)
    {
        var provider = (IOnlineProvider)providers.Find(payment.Provider)!;
        var request = new PaymentRequest(
            payment,
            await marks.Of(provider.Name, ct),
            Title(order),
            order.Email,
            order.Language,
            // All of it from what is stored, so that the request is the same when it is made again.
            Math.Max(order.PayBy!.Value, payment.CreatedAt + PageMsMin),
            address.Of($"/orders/{order.Id}/return"));
        var theirs = await provider.Start(request, ct);
        if (await database.Write(tx => payments.Opened(tx, payment.Id, theirs).AsTask(), ct)) return theirs.Url!;

        // Two tabs began the same page at once, and the other was quicker to say so; or the order ended meanwhile.
        var now = await database.Read(tx => PaymentBook.Find(tx, payment.Id).AsTask(), ct);
        if (now is { Stage: PaymentState.Open, Url: { } url }) return url;
        await CloseAgain(provider, payment, theirs, ct);
        return OrderBook.TooLate;
    }

    /// <summary>Nobody was told of the page, so that nobody can pay there even if this fails.</summary>
    private async Task CloseAgain(IOnlineProvider provider, Payment payment, ProviderPayment theirs, CancellationToken ct)
    {
        try
        {
            await provider.Cancel(payment with { Reference = theirs.Reference }, theirs, ct);
        }
        catch (ProviderException exception)
        {
            LogUnavailable(payment.OrderId, exception.Code);
        }
    }

    private static string Title(Order order) => order.Language == "de" ? $"Bestellung {order.Number}" : $"Order {order.Number}";

    [LoggerMessage(Level = LogLevel.Warning, Message = "The payment of order {OrderId} could not be begun: {Code}")]
    private partial void LogUnavailable(string orderId, string code);
}

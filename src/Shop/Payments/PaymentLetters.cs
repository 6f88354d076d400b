using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Shop.Orders;
using Kontor.Ui;

namespace Kontor.Shop.Payments;

/// <summary>What buyers are told about their money by mail.</summary>
internal sealed class PaymentLetters(Letters letters, IEnumerable<IAddressBook> addresses)
{
    private readonly IAddressBook? _addresses = addresses.FirstOrDefault();

    /// <summary>Money that came for an order that had ended goes back. Told once for each payment, however often it is looked at.</summary>
    public async ValueTask Returned(Tx tx, Payment payment, ProviderPayment theirs)
    {
        var order = (await OrderBook.Lock(tx, payment.OrderId, OrderAccess.Admin))!;
        if (await AddressOf(tx, order) is not { } to) return;
        await letters.Post(tx, to, T => new()
        {
            Subject = T["Your money for order {0} goes back", order.Number],
            Paragraphs =
            [
                order.State == OrderStatus.Expired
                    ? T["Your payment came after order {0} had expired, so we did not take it.", order.Number]
                    : T["Order {0} was cancelled before your payment could be taken.", order.Number],
                theirs.Status == ProviderStatus.Captured
                    ? T["We pay {0} back to where it came from. With a card that takes up to ten days to be seen.", payment.Amount]
                    : T["The {0} that your bank had set aside are yours again within a few days. Nothing was charged.", payment.Amount],
            ],
            Link = order.UserId is null ? null : new(T["Show the order"], $"/orders/{order.Id}"),
            Reason = T["You get this letter because you ordered from us."],
        }, key: $"shop.payment-returned/{payment.Id}");
    }

    /// <summary>A guest's name may be an advertisement for whoever has the address.</summary>
    private async ValueTask<Recipient?> AddressOf(Tx tx, Order order) => order switch
    {
        { UserId: { } user } => _addresses is null ? null : await _addresses.Find(tx, user),
        { Email: { } email } => new(email, "", order.Language),
        _ => null,
    };
}

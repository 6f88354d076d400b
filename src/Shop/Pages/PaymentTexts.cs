using Kontor.Shop.Orders;
using Kontor.Ui;

namespace Kontor.Shop;

/// <summary>What pages say about money.</summary>
internal static class PaymentTexts
{
    /// <summary>Why a card was not taken, as its provider's code says; most banks do not say more.</summary>
    public static string Declined(string code, Texts texts) => code switch
    {
        "insufficient_funds" => texts["There is not enough money on this card."],
        "expired_card" => texts["This card has expired."],
        "authentication_required" or "payment_intent_authentication_failure" => texts["The payment was not confirmed with the bank."],
        _ => texts["The bank declined this payment. Try another card, or ask your bank."],
    };

    public static string Status(PaymentStatus status, Texts texts) => texts[status switch
    {
        PaymentStatus.Unpaid => "Not paid yet",
        PaymentStatus.Open => "Waits for the payment",
        PaymentStatus.Processing => "Is being paid",
        PaymentStatus.Paid => "Paid",
        PaymentStatus.PartlyRefunded => "Partly paid back",
        PaymentStatus.Refunded => "Paid back",
        _ => "Nothing was charged",
    }];

    public static string Method(string method, Texts texts) => method switch
    {
        "invoice" => texts["Invoice"],
        "card" => texts["Card"],
        _ => method,
    };
}

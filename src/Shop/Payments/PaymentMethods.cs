namespace Kontor.Shop.Payments;

/// <summary>What a buyer may choose, as the API says it.</summary>
internal static class PaymentMethods
{
    /// <summary>The buyer pays by transfer before anything is sent; an admin says that the money has come.</summary>
    public const string Invoice = "invoice";

    /// <summary>The buyer pays at an online provider before anything is sent.</summary>
    public const string Card = "card";
}

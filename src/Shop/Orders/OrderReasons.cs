namespace Kontor.Shop.Orders;

/// <summary>Why the shop itself ended an order; pages and letters say it in the buyer's language.</summary>
internal static class OrderReasons
{
    public const string NotPaidInTime = "It was not paid in time.";
    public const string SoldOut = "Its pieces were sold to somebody else before it was paid.";
    public const string Withdrawn = "The payment was withdrawn before the money was taken.";
    public const string AmountDiffers = "The amount that was paid is not the order's.";
}

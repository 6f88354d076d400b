namespace Kontor.Shop.Orders;

/// <summary>What a timeline tells beside the statuses.</summary>
internal static class OrderRemarks
{
    /// <summary>The carrier or the tracking number was corrected.</summary>
    public const string Parcel = "parcel";

    /// <summary>Pieces came back.</summary>
    public const string Returned = "returned";

    /// <summary>A part of the money goes back.</summary>
    public const string PartlyRefunded = "partly-refunded";
}

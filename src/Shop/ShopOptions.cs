using System.ComponentModel.DataAnnotations;
using Kontor.Foundation.Time;

namespace Kontor.Shop;

/// <summary>Configured under `Shop`; checked at start.</summary>
internal sealed class ShopOptions
{
    /// <summary>How long a cart line of somebody who is signed in keeps its pieces from others.</summary>
    [Range(1, 7 * 24 * 60)]
    public int HoldMinutes { get; set; } = 120;

    /// <summary>The same for a guest, who costs nothing to invent and so may keep less from others.</summary>
    [Range(1, 7 * 24 * 60)]
    public int GuestHoldMinutes { get; set; } = 30;

    /// <summary>Once, when the checkout begins: so much longer is everything in the cart kept.</summary>
    [Range(0, 24 * 60)]
    public int CheckoutMinutes { get; set; } = 15;

    /// <summary>
    /// So many pieces at most are held by one cart: far more than a household orders, and too few to make a shop look sold out.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int HeldPiecesPerCart { get; set; } = 300;

    /// <summary>
    /// So many by all carts of one IPv4 address or one /64 of IPv6, behind which there may be an office or a part of a mobile network.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int HeldPiecesPerNetwork { get; set; } = 2000;

    /// <summary>How long a freed piece is kept for the first in line, who is told by mail.</summary>
    [Range(1, 7 * 24 * 60)]
    public int WaitingHoldMinutes { get; set; } = 60;

    /// <summary>Who gets a letter when there is little left of a product, or something again; nobody when it is empty.</summary>
    [EmailAddress]
    public string? StockMail { get; set; }

    /// <summary>The language of those letters, `en` or `de`.</summary>
    [RegularExpression("en|de")]
    public string StockMailLanguage { get; set; } = "en";

    /// <summary>A guest's cart is forgotten when it was not touched for so long.</summary>
    [Range(1, 3650)]
    public int GuestCartDays { get; set; } = 30;

    /// <summary>
    /// So long an order that is paid online waits for its money; then it expires. Its pieces are kept as long as a cart's, and a later
    /// payment is taken if they are still there.
    /// </summary>
    [Range(1, 24)]
    public int PaymentHours { get; set; } = 24;

    /// <summary>
    /// How often what ran out is given back. Only numbers that are kept in memory depend on it: stock that is read or taken looks for
    /// itself.
    /// </summary>
    [Range(1, 3600)]
    public int TidySeconds { get; set; } = 10;

    public long HoldMs(bool guest) => (guest ? GuestHoldMinutes : HoldMinutes) * Clock.Minute;
}

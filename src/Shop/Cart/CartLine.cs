using Kontor.Foundation;

namespace Kontor.Shop.Cart;

/// <summary>What a line's buyer should know about it.</summary>
public enum CartLineState
{
    /// <summary>Its pieces are kept from others until `heldUntil`, and the price is the one that was seen.</summary>
    Held,

    /// <summary>Its pieces are free for others; checking out takes them again if they are still there.</summary>
    Expired,

    /// <summary>Its pieces are held, but the price is another than the one that was seen.</summary>
    PriceChanged,

    /// <summary>The product is not sold any more.</summary>
    Gone,

    /// <summary>Its pieces are held, but fewer than were wanted, because there were no more.</summary>
    Partly,
}

/// <summary>A line of a cart with the product and the hold as they are now.</summary>
/// <param name="Wanted">More than there were; null when the quantity is what was asked for.</param>
/// <param name="PriceMinor">What the product cost when it came into the cart.</param>
/// <param name="Held">Pieces that are promised, 0 when none are or the hold ran out.</param>
/// <param name="HeldUntil">Milliseconds since 1970; null when nothing is held.</param>
/// <param name="IsExtended">Its hold was made longer when the checkout began.</param>
internal sealed record CartLine(
    string ProductId,
    string Slug,
    string Name,
    long Quantity,
    long? Wanted,
    long PriceMinor,
    long CurrentPriceMinor,
    string Currency,
    string? Image,
    bool IsDeleted,
    long AddedAt,
    long Held,
    long? HeldUntil,
    bool IsExtended)
{
    public Money Price => new(PriceMinor, Currency);

    public Money CurrentPrice => new(CurrentPriceMinor, Currency);

    public CartLineState State => this switch
    {
        { IsDeleted: true } => CartLineState.Gone,
        { Held: 0 } => CartLineState.Expired,
        _ when Held < (Wanted ?? Quantity) => CartLineState.Partly,
        _ when CurrentPriceMinor != PriceMinor => CartLineState.PriceChanged,
        _ => CartLineState.Held,
    };
}

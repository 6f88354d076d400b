namespace Kontor.Shop.Cart;

/// <summary>A line that two carts make together.</summary>
internal sealed record MergedLine(string ProductId, long Quantity, long PriceMinor);

/// <summary>What a person's cart and the guest's cart that they bring along make together.</summary>
internal static class CartMerge
{
    /// <summary>
    /// The lines of the person's cart that change, and those that come to it. Quantities add up to the limit, and of two prices that
    /// were seen the lower one counts. Beyond the most products that a cart may have, the guest's last ones stay behind.
    /// </summary>
    public static List<MergedLine> Of(IReadOnlyList<CartLine> own, IReadOnlyList<CartLine> guests)
    {
        var room = Carts.LinesMax - own.Count;
        var known = own.ToDictionary(line => line.ProductId);
        var merged = new List<MergedLine>();
        foreach (var line in guests)
        {
            if (known.TryGetValue(line.ProductId, out var mine))
            {
                var quantity = Math.Min(Carts.QuantityMax, mine.Quantity + line.Quantity);
                merged.Add(new(line.ProductId, quantity, Math.Min(mine.PriceMinor, line.PriceMinor)));
            }
            else if (room-- > 0)
            {
                merged.Add(new(line.ProductId, line.Quantity, line.PriceMinor));
            }
        }

        return merged;
    }
}

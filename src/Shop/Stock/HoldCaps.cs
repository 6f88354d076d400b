using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;
using Microsoft.Extensions.Options;

namespace Kontor.Shop;

/// <summary>
/// Nobody keeps the whole shop from others: so many pieces at most are held by one cart, and so many from one network, whoever they say
/// they are. A hold costs nothing, so there must be an end to it.
/// </summary>
internal sealed class HoldCaps(TimeProvider time, IOptions<ShopOptions> options)
{
    public static readonly Problem TooMany = new(409, "too-many-held", "So many pieces are not kept for one buyer at a time.");

    /// <summary>
    /// Asked once the pieces are held. Carts that are changed at the same moment do not see each other, so a network may get a few more.
    /// </summary>
    /// <param name="network">Null when there are no limits.</param>
    /// <param name="lines">The cart's.</param>
    public async ValueTask<Problem?> Refuse(Tx tx, string? network, IReadOnlyList<CartLine> lines)
    {
        if (network is null) return null;
        var caps = options.Value;
        if (lines.Sum(line => line.Held) > caps.HeldPiecesPerCart) return TooMany.With("limit", caps.HeldPiecesPerCart);
        var held = await tx.First<long>("""
            SELECT COALESCE(CAST(SUM(quantity) AS BIGINT), 0) FROM shop_holds
            WHERE network = @network AND expires_at > @now
            """, new { network, now = time.NowMs() });
        return held > caps.HeldPiecesPerNetwork ? TooMany.With("limit", caps.HeldPiecesPerNetwork) : null;
    }
}

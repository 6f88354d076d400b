using System.Text.Json;
using System.Text.Json.Serialization;
using Kontor.Foundation.Data;
using Kontor.Shop.Catalogue;

namespace Kontor.Shop;

/// <summary>One movement of stock, as it stays in `shop_ledger` for ever.</summary>
/// <param name="Holder">Whose hold was made, changed or ended; null when none was.</param>
/// <param name="Actor">Null when it is the one of the whole ledger, whose time each has.</param>
internal sealed record Movement(
    string ProductId,
    string Kind,
    long OnHandDelta,
    long ReservedDelta,
    string? Holder = null,
    string? OrderId = null,
    string? Reason = null,
    string? Actor = null,
    long At = 0)
{
    public const string Opened = "opened";
    public const string Changed = "changed";
    public const string Held = "held";
    public const string Released = "released";
    public const string Expired = "expired";
    public const string Sold = "sold";
    public const string Returned = "returned";
    public const string WrittenOff = "written-off";
}

/// <summary>
/// Collects the movements of one transaction and writes them together; the database refuses to change or delete them afterwards.
/// </summary>
/// <param name="actor">Who moves: `customer`, `guest`, `admin:ID`, `system`. Which customer it was, the cart or the order says.</param>
/// <param name="at">Milliseconds since 1970.</param>
internal sealed class Ledger(string actor, long at)
{
    /// <summary>Who gives back a hold that ran out, whoever it was that came by.</summary>
    public const string System = "system";

    /// <summary>How records become the rows of a set-based write.</summary>
    public static readonly JsonSerializerOptions Columns = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly List<Movement> _movements = [];

    public long At => at;

    public void Add(Movement movement) => _movements.Add(movement with { Actor = movement.Actor ?? actor, At = at });

    public async ValueTask Write(Tx tx)
    {
        await tx.ExecuteEach("""
            INSERT INTO shop_ledger (product_id, kind, on_hand_delta, reserved_delta, holder, order_id, reason, actor, at)
            VALUES (@ProductId, @Kind, @OnHandDelta, @ReservedDelta, @Holder, @OrderId, @Reason, @Actor, @At)
            """, _movements);
        foreach (var productId in _movements.Select(movement => movement.ProductId).Distinct()) tx.Signal(Products.Signal, productId);
    }
}

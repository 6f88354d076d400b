using System.Text.Json.Serialization;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Waiting;

/// <summary>How far somebody in line has come.</summary>
public enum PlaceState
{
    /// <summary>Others are served before, or there is nothing yet.</summary>
    Waiting,

    /// <summary>A piece is kept until `offeredUntil`; adding the product to the cart takes it.</summary>
    Offered,
}

/// <param name="Position">1 for the next to be served; null when a piece is offered.</param>
/// <param name="OfferedUntil">Null while waiting.</param>
public sealed record PlaceView(
    string ProductId, PlaceState State, long? Position, DateTimeOffset? OfferedUntil, DateTimeOffset JoinedAt)
{
    /// <summary>In a guest's first answer only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CartToken { get; init; }

    /// <summary>Null when there is no such place, or its offer has run out.</summary>
    internal static async ValueTask<PlaceView?> Of(Tx tx, Place? place, long now)
    {
        if (place is null || place.OfferedUntil <= now) return null;
        var position = place.OfferedUntil is null ? await WaitingList.PositionOf(tx, place) : (long?)null;
        return new(
            place.ProductId,
            place.OfferedUntil is null ? PlaceState.Waiting : PlaceState.Offered,
            position,
            place.OfferedUntil?.ToTime(),
            place.CreatedAt.ToTime());
    }
}

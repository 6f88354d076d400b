using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Waiting;

/// <summary>What the caller waits for, the oldest first; at most 50.</summary>
public static class ListPlaces
{
    public sealed record Response(IReadOnlyList<PlaceView> Places);

    internal static void Map(RouteGroupBuilder api) => api.MapGet("/waiting", Handle).WithName("ListWaitingPlaces");

    private static async Task<Ok<Response>> Handle(CartOwner owner, Database database, TimeProvider time, CancellationToken ct) =>
        TypedResults.Ok(new Response(owner.IsNew ? [] : await database.Snapshot(tx => Read(tx, owner.Key, time.NowMs()), ct)));

    private static async Task<List<PlaceView>> Read(Tx tx, string owner, long now)
    {
        var places = new List<PlaceView>();
        foreach (var place in await WaitingList.Of(tx, owner))
        {
            if (await PlaceView.Of(tx, place, now) is { } view) places.Add(view);
        }

        return places;
    }
}

using Kontor.Foundation.Data;
using Kontor.Shop.Cart;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Waiting;

/// <summary>The caller does not wait for the product any more; a piece that was kept for them goes to the next in line.</summary>
public static class LeaveLine
{
    internal static void Map(RouteGroupBuilder api) => api.MapDelete("/products/{id}/waiting", Handle).WithName("LeaveWaitingList");

    private static async Task<NoContent> Handle(string id, CartOwner owner, Stock stock, Database database, CancellationToken ct)
    {
        await Run(id, owner, stock, database, ct);
        return TypedResults.NoContent();
    }

    internal static Task Run(string productId, CartOwner owner, Stock stock, Database database, CancellationToken ct) =>
        database.Write(async tx =>
        {
            if (await WaitingList.Find(tx, productId, owner.Key) is { } place) await stock.Leave(tx, place, owner.Actor);
        }, ct);
}

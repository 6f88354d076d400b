using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Orders;

public sealed record OrderList(IReadOnlyList<OrderView> Orders, string? NextCursor);

/// <summary>The caller's orders, the newest first.</summary>
public static class ListOrders
{
    internal static void Map(RouteGroupBuilder orders) => orders.MapGet("", Handle).WithName("ListOrders").RequireAuthorization();

    private static async Task<Results<Ok<OrderList>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, CurrentUser user, Database database, CancellationToken ct)
    {
        var (page, problem) = await Run(limit, cursor, user, database, ct);
        return problem is null ? TypedResults.Ok(page) : problem.ToResult();
    }

    internal static async Task<Outcome<OrderList>> Run(
        int? limit, string? cursor, CurrentUser user, Database database, CancellationToken ct)
    {
        if (Before(cursor) is not { } before) return Paging.CursorInvalid;
        var count = Paging.Limit(limit);
        return Page(await database.Snapshot(tx => OrderBook.Of(tx, user.Id, before, count + 1), ct), count, OrderView.Of);
    }

    /// <summary>The serial number before which the page begins; null when the cursor is not one of ours.</summary>
    internal static long? Before(string? cursor)
    {
        if (cursor is null) return long.MaxValue;
        if (Paging.Decode(cursor, parts: 1) is not [var text]) return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var serial) ? serial : null;
    }

    /// <param name="found">One more than the page holds when there is another page.</param>
    internal static OrderList Page(IReadOnlyList<WholeOrder> found, int limit, Func<WholeOrder, OrderView> view) => new(
        [.. found.Take(limit).Select(view)],
        found.Count > limit ? Paging.Encode(found[limit - 1].Order.Serial.ToString(CultureInfo.InvariantCulture)) : null);
}

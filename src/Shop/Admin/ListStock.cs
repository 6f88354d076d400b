using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Admin;

/// <summary>What to order and what to look after: the fewest pieces on the shelf first.</summary>
public static class ListStock
{
    /// <summary>Which products are meant.</summary>
    public enum Show
    {
        /// <summary>With no more on the shelf than is few for them.</summary>
        Low,

        /// <summary>For which people wait.</summary>
        Wanted,

        All,
    }

    public sealed record Response(IReadOnlyList<GetProduct.Response> Products, string? NextCursor);

    private static readonly Problem ShowUnknown = new(400, "stock-view-unknown", "Either low, wanted or all.");

    internal static void Map(RouteGroupBuilder admin) => admin.MapGet("/stock", Handle).WithName("ListStock");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        string? show, int? limit, string? cursor, Database database, TimeProvider time, CancellationToken ct)
    {
        var (list, problem) = await Read(show, Paging.Limit(limit), cursor, database, time, ct);
        return problem is null ? TypedResults.Ok(list) : problem.ToResult();
    }

    internal static async Task<Outcome<Response>> Read(
        string? show, int limit, string? cursor, Database database, TimeProvider time, CancellationToken ct)
    {
        if (ShowOf(show) is not { } wanted) return ShowUnknown;
        var (afterOnHand, afterId) = (-1L, "");
        if (cursor is not null && !TryRead(cursor, out afterOnHand, out afterId)) return Paging.CursorInvalid;
        // The products of a shop are read whole, because what is few is each one's own number.
        var products = await database.Read(tx => tx.Query<Product>($"""
            SELECT {Product.Columns}
            {Product.Source}
            WHERE p.is_deleted = false AND {ConditionOf(wanted)} AND (COALESCE(s.on_hand, 0), p.id) > (@afterOnHand, @afterId)
            ORDER BY COALESCE(s.on_hand, 0), p.id
            LIMIT @limit
            """, new { now = time.NowMs(), afterOnHand, afterId, limit = limit + 1 }).AsTask(), ct);
        var last = products.Count > limit ? products[limit - 1] : null;
        return new Response(
            [.. products.Take(limit).Select(product => GetProduct.Response.Of(product, admin: true))],
            last is null ? null : Paging.Encode(last.OnHand.ToString(CultureInfo.InvariantCulture), last.Id));
    }

    /// <summary>Null when there is no such view; the first when none is named.</summary>
    internal static Show? ShowOf(string? text) => text switch
    {
        null or "" or "low" => Show.Low,
        "wanted" => Show.Wanted,
        "all" => Show.All,
        _ => null,
    };

    private static string ConditionOf(Show show) => show switch
    {
        Show.Low => Product.LowSql,
        Show.Wanted => "s.waiting > 0",
        _ => "true",
    };

    private static bool TryRead(string cursor, out long onHand, out string id)
    {
        (onHand, id) = (0, "");
        if (Paging.Decode(cursor, 2) is not [var onHandText, var idText]) return false;
        id = idText;
        return long.TryParse(onHandText, NumberStyles.None, CultureInfo.InvariantCulture, out onHand);
    }
}

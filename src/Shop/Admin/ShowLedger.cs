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

/// <summary>Every movement of a product's stock - who, why, when - the newest first, and the stock that they add up to.</summary>
public static class ShowLedger
{
    /// <param name="At">The moment that was asked for; null for now.</param>
    /// <param name="Stock">At that moment.</param>
    /// <param name="Reserved">At that moment; a hold counts until it was given back.</param>
    /// <param name="Entries">None later than that moment.</param>
    public sealed record Response(
        string ProductId, DateTimeOffset? At, long Stock, long Reserved, IReadOnlyList<Entry> Entries, string? NextCursor);

    /// <param name="Kind">`opened`, `changed`, `held`, `released`, `expired`, `sold` or `returned`.</param>
    /// <param name="Delta">How much more there was in stock.</param>
    /// <param name="ReservedDelta">How much more of it was reserved.</param>
    /// <param name="Actor">`customer`, `guest`, `admin:ID` or `system`.</param>
    public sealed record Entry(
        string Id, string Kind, long Delta, long ReservedDelta, string? OrderId, string Actor, string? Reason, DateTimeOffset At);

    private sealed record Sums(long Count, long OnHand, long Reserved);

    private sealed record Row(
        long Id, string Kind, long OnHandDelta, long ReservedDelta, string? OrderId, string Actor, string? Reason, long At);

    internal static void Map(RouteGroupBuilder products) => products.MapGet("/{id}/ledger", Handle).WithName("ShowLedger");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        string id, DateTimeOffset? at, int? limit, string? cursor, Database database, CancellationToken ct)
    {
        var (ledger, problem) = await Read(id, at, Paging.Limit(limit), cursor, database, ct);
        return problem is null ? TypedResults.Ok(ledger) : problem.ToResult();
    }

    internal static async Task<Outcome<Response>> Read(
        string id, DateTimeOffset? at, int limit, string? cursor, Database database, CancellationToken ct)
    {
        var atMs = at?.ToUnixTimeMilliseconds() ?? long.MaxValue;
        var (beforeAt, beforeId) = (long.MaxValue, long.MaxValue);
        if (cursor is not null && !TryRead(cursor, out beforeAt, out beforeId)) return Paging.CursorInvalid;
        var (sums, rows) = await database.Snapshot(async tx => (
            await SumsOf(tx, id, atMs),
            await Entries(tx, id, Math.Min(atMs, beforeAt), beforeAt <= atMs ? beforeId : long.MaxValue, limit + 1)), ct);
        // A product has its first movement from the beginning.
        if (sums.Count == 0 && !await database.Read(tx => IsKnown(tx, id), ct)) return Product.Unknown;
        var next = rows.Count > limit ? Paging.Encode(Text(rows[limit - 1].At), Text(rows[limit - 1].Id)) : null;
        return new Response(id, at, sums.OnHand, sums.Reserved, [.. rows.Take(limit).Select(EntryOf)], next);
    }

    private static async Task<Sums> SumsOf(Tx tx, string id, long at) => (await tx.First<Sums>("""
        SELECT COUNT(*) AS count,
               COALESCE(CAST(SUM(on_hand_delta) AS BIGINT), 0) AS on_hand,
               COALESCE(CAST(SUM(reserved_delta) AS BIGINT), 0) AS reserved
        FROM shop_ledger
        WHERE product_id = @id AND at <= @at
        """, new { id, at }))!;

    private static ValueTask<List<Row>> Entries(Tx tx, string id, long beforeAt, long beforeId, int limit) => tx.Query<Row>("""
        SELECT id, kind, on_hand_delta, reserved_delta, order_id, actor, reason, at
        FROM shop_ledger
        WHERE product_id = @id AND (at, id) < (@beforeAt, @beforeId)
        ORDER BY at DESC, id DESC
        LIMIT @limit
        """, new { id, beforeAt, beforeId, limit });

    private static Task<bool> IsKnown(Tx tx, string id) =>
        tx.First<bool>("SELECT EXISTS (SELECT 1 FROM shop_products WHERE id = @id)", new { id }).AsTask();

    private static Entry EntryOf(Row row) => new(
        Text(row.Id), row.Kind, row.OnHandDelta, row.ReservedDelta, row.OrderId, row.Actor, row.Reason, row.At.ToTime());

    private static bool TryRead(string cursor, out long at, out long id)
    {
        (at, id) = (0, 0);
        return Paging.Decode(cursor, 2) is [var atText, var idText]
            && long.TryParse(atText, NumberStyles.None, CultureInfo.InvariantCulture, out at)
            && long.TryParse(idText, NumberStyles.None, CultureInfo.InvariantCulture, out id);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

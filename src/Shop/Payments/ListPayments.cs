using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Payments;

/// <param name="State">`new`, `open`, `capturing`, `captured`, `releasing` or `closed`.</param>
/// <param name="Intent">The provider's name for it; its own pages find it by that.</param>
/// <param name="Refunding">What was promised back; `refunded` of it has been paid.</param>
public sealed record PaymentView(
    string Id,
    string OrderId,
    string OrderNumber,
    string Provider,
    string State,
    string? Intent,
    decimal Amount,
    decimal Captured,
    decimal Refunding,
    decimal Refunded,
    string Currency,
    string? Error,
    DateTimeOffset CreatedAt);

public sealed record PaymentList(IReadOnlyList<PaymentView> Payments, string? NextCursor);

/// <summary>All attempts to pay, the newest first.</summary>
public static class ListPayments
{
    private sealed record Row(
        string Id, string OrderId, long Serial, long OrderedAt, string Provider, string State, string? Intent, long AmountMinor,
        long CapturedMinor, long RefundingMinor, long RefundedMinor, string Currency, string? LastError, long CreatedAt);

    internal static void Map(RouteGroupBuilder payments) => payments.MapGet("", Handle).WithName("ListPayments");

    private static async Task<Results<Ok<PaymentList>, ProblemHttpResult>> Handle(
        int? limit, string? cursor, Database database, CancellationToken ct)
    {
        var (list, problem) = await Read(limit, cursor, database, ct);
        return problem is null ? TypedResults.Ok(list) : problem.ToResult();
    }

    internal static async Task<Outcome<PaymentList>> Read(int? limit, string? cursor, Database database, CancellationToken ct)
    {
        string? before = null;
        if (cursor is not null)
        {
            if (Paging.Decode(cursor, parts: 1) is not [var id] || !Guid.TryParse(id, out _)) return Paging.CursorInvalid;
            before = id;
        }

        var count = Paging.Limit(limit);
        // Ids are ordered by time.
        var rows = await database.Read(tx => tx.Query<Row>($"""
            SELECT p.id, p.order_id, o.serial, o.created_at AS ordered_at, p.provider, p.state, p.intent, p.amount_minor,
                p.captured_minor, p.refunding_minor, p.refunded_minor, p.currency, p.last_error, p.created_at
            FROM shop_payments p JOIN shop_orders o ON o.id = p.order_id
            {(before is null ? "" : "WHERE p.id < @before")}
            ORDER BY p.id DESC
            LIMIT @limit
            """, new { before, limit = count + 1 }).AsTask(), ct);
        return new PaymentList(
            [.. rows.Take(count).Select(Of)], rows.Count > count ? Paging.Encode(rows[count - 1].Id) : null);
    }

    private static PaymentView Of(Row row)
    {
        decimal Major(long minor) => new Money(minor, row.Currency).Major;
        return new(
            row.Id, row.OrderId, Orders.Order.NumberOf(row.Serial, row.OrderedAt), row.Provider, row.State, row.Intent,
            Major(row.AmountMinor), Major(row.CapturedMinor), Major(row.RefundingMinor), Major(row.RefundedMinor), row.Currency,
            row.LastError, row.CreatedAt.ToTime());
    }
}

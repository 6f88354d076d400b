using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Shop.Orders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Payments;

/// <summary>
/// An admin pays an order back, in part or all of it. The refund is promised when this is answered, and paid right afterwards; a provider
/// that fails is asked again until it is. An order whose money has all been promised back is `refunded`.
/// </summary>
public static class RefundOrder
{
    /// <param name="Amount">In the order's currency; everything that is left when it is missing.</param>
    public sealed record Request(
        [property: Range(0.01, 999_999_999_999, ErrorMessage = "An amount above 0.")] decimal? Amount = null,
        [property: MaxLength(200)] string? Reason = null);

    internal static readonly Problem AmountInvalid = new Problem(400, "validation-failed", "The request is not valid.")
        .With("errors", new Dictionary<string, string[]> { ["amount"] = ["An amount in whole cents."] });

    internal static void Map(RouteGroupBuilder admin) =>
        admin.MapPost("/{id}/refunds", Handle).WithName("RefundOrder").Idempotent();

    private static async Task<Results<Created<RefundView>, ProblemHttpResult>> Handle(
        string id, Request? request, CurrentUser user, OrderBook orders, RefundBook refunds, Database database, Idempotency idempotency,
        CancellationToken ct)
    {
        var (refund, problem) = await database.Write(async tx =>
        {
            var made = await idempotency.Once(tx, () => Run(tx, id, request ?? new(), user, orders, refunds, idempotency.RequestKey));
            if (made.Problem is not null) return made;
            return made.Value! with { Reason = (await RefundBook.Find(tx, made.Value.Id))?.Reason };
        }, ct);
        return problem is null ? TypedResults.Created($"/api/admin/orders/{id}", refund) : problem.ToResult();
    }

    /// <param name="key">The caller's key; what it has promised is not promised again, even when the answer is not kept any more.</param>
    internal static async Task<Outcome<RefundView>> Run(
        Tx tx, string orderId, Request request, CurrentUser user, OrderBook orders, RefundBook refunds, string? key)
    {
        if (await OrderBook.Lock(tx, orderId, OrderAccess.Admin) is not { } order) return Order.Unknown;
        if (await PaymentBook.Live(tx, orderId) is not { Stage: PaymentState.Captured } payment)
            return RefundBook.TooLarge.With("refundable", 0);
        if (request.Amount is { } amount && Money.FromMajor(amount, order.Currency) is null) return AmountInvalid;
        var minor = request.Amount is { } asked ? Money.FromMajor(asked, order.Currency)!.Value.Minor : payment.RefundableMinor;
        if (minor == 0) return RefundBook.TooLarge.With("refundable", 0);

        var actor = $"admin:{user.Id}";
        var (refund, problem) = await refunds.Promise(tx, payment, minor, $"{actor}:{key ?? Ids.New()}", request.Reason?.Trim(), actor);
        if (problem is not null) return problem;
        // What was promised by an earlier request is told of already.
        var isNew = (await PaymentBook.Find(tx, payment.Id))!.RefundingMinor > payment.RefundingMinor;
        if (!await orders.RefundedIfAll(tx, order, payment, request.Reason?.Trim(), actor) && isNew)
            await orders.PartlyRefunded(tx, order, refund!, request.Reason?.Trim(), actor);
        // Somebody's own words are not saved with the answer, because an erasure would not find them there.
        return RefundView.Of(refund!) with { Reason = null };
    }
}

/// <param name="Status">`pending` is being paid, `manual` waits for a person to transfer it, `succeeded` is with the buyer's bank.</param>
public sealed record RefundView(string Id, decimal Amount, string Currency, RefundStatus Status, string? Reason, DateTimeOffset CreatedAt)
{
    internal static RefundView Of(Refund refund) => new(
        refund.Id, refund.Amount.Major, refund.Currency, refund.Stage, refund.Reason, refund.CreatedAt.ToTime());
}

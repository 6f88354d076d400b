using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Payments;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Orders;

/// <summary>
/// An admin takes back pieces of an order that was shipped, to be sold again or written off, and pays back what was paid for them: their
/// price less their share of a coupon's discount, and with the last of them the shipping. The refund goes the way of every refund.
/// </summary>
public static class ReturnPieces
{
    /// <param name="Amount">What is paid back; what was paid for the pieces when it is missing, nothing when it is 0.</param>
    public sealed record Request(
        [property: Required, MinLength(1), MaxLength(100)] IReadOnlyList<Line>? Lines = null,
        [property: Range(0, 999_999_999_999, ErrorMessage = "An amount from 0.")] decimal? Amount = null,
        [property: MaxLength(200)] string? Reason = null);

    /// <param name="Restock">They can be sold again, and are on the shelf at once; false writes them off.</param>
    public sealed record Line(
        [property: Required] string? ProductId = null,
        [property: Range(1, 99)] long Quantity = 0,
        bool Restock = true);

    private static readonly Problem LineMissing = new Problem(400, "validation-failed", "The request is not valid.")
        .With("errors", new Dictionary<string, string[]> { ["lines"] = ["A line is an object."] });

    internal static void Map(RouteGroupBuilder admin)
    {
        admin.MapPost("/{id}/returns", Handle).WithName("ReturnPieces").Idempotent();
        admin.MapGet("/{id}/returns", List).WithName("ListReturns");
    }

    private static async Task<Results<Created<ReturnView>, ProblemHttpResult>> Handle(
        string id, Request request, CurrentUser user, Returns returns, Database database, Idempotency idempotency, CancellationToken ct)
    {
        var (made, problem) = await Run(id, request, user, returns, database, idempotency, ct);
        return problem is null ? TypedResults.Created($"/api/admin/orders/{id}/returns", made) : problem.ToResult();
    }

    internal static async Task<Outcome<ReturnView>> Run(
        string id, Request request, CurrentUser user, Returns returns, Database database, Idempotency idempotency, CancellationToken ct)
    {
        if (request.Lines!.Any(line => line is null)) return LineMissing;
        var amount = request.Amount is { } asked ? Money.FromMajor(asked, Products.Currency) : null;
        if (request.Amount is not null && amount is null) return RefundOrder.AmountInvalid;
        var actor = $"admin:{user.Id}";
        // Each kind of each product once, in the order of their ids, in which their stock is locked.
        var lines = request.Lines!.GroupBy(line => (line.ProductId!, line.Restock))
            .Select(same => new ReturnLine(same.Key.Item1, same.Sum(line => line.Quantity), same.Key.Restock))
            .OrderBy(line => line.ProductId, StringComparer.Ordinal).ThenByDescending(line => line.IsRestocked).ToList();
        var reason = string.IsNullOrWhiteSpace(request.Reason) ? null : request.Reason.Trim();
        return await database.Write(async tx =>
        {
            var (made, problem) = await idempotency.Once<ReturnView>(tx, async () =>
            {
                var key = $"{actor}:{idempotency.RequestKey ?? Ids.New()}";
                var (taken, refusal) = await returns.Take(tx, id, new(lines, amount?.Minor, reason, key), actor);
                return refusal is null ? ReturnView.Of(taken!).WithReason(null) : refusal;
            });
            if (problem is not null) return problem;
            // Somebody's own words are not saved with the answer, because an erasure would not find them there.
            return new Outcome<ReturnView>(made!.WithReason((await Returns.Find(tx, made.Id))?.Return.Reason), null);
        }, ct);
    }

    private static async Task<Results<Ok<ReturnList>, ProblemHttpResult>> List(string id, Database database, CancellationToken ct)
    {
        var found = await database.Snapshot(
            async tx => await OrderBook.Exists(tx, id, OrderAccess.Admin) ? await Returns.Of(tx, id) : null, ct);
        return found is null ? Order.Unknown.ToResult() : TypedResults.Ok(new ReturnList(found.ConvertAll(ReturnView.Of)));
    }
}

public sealed record ReturnList(IReadOnlyList<ReturnView> Returns);

/// <param name="Amount">What was paid for these pieces, whatever of it was paid back.</param>
public sealed record ReturnLineView(string ProductId, long Quantity, bool Restocked, decimal Amount);

/// <param name="Refund">The money that goes back for it; null when none does.</param>
public sealed record ReturnView(
    string Id,
    IReadOnlyList<ReturnLineView> Lines,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RefundView? Refund,
    string? Reason,
    DateTimeOffset CreatedAt)
{
    internal ReturnView WithReason(string? reason) =>
        this with { Reason = reason, Refund = Refund is null ? null : Refund with { Reason = reason } };

    internal static ReturnView Of(WholeReturn whole) => new(
        whole.Return.Id,
        [.. whole.Lines.Select(line => new ReturnLineView(
            line.ProductId, line.Quantity, line.IsRestocked, new Money(line.AmountMinor, Products.Currency).Major))],
        whole.Refund is null ? null : RefundView.Of(whole.Refund),
        whole.Return.Reason,
        whole.Return.CreatedAt.ToTime());
}

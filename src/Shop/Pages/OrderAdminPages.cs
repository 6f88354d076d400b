using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>Orders in the admin panel: sending them, taking pieces back, paying back.</summary>
public static class OrderAdminPages
{
    /// <summary>As the forms of an order send it; what was typed is shown again when it is refused. Fields may be missing.</summary>
    public sealed record StatusForm
    {
        public string? Status { get; init; }

        public string? Carrier { get; init; }

        public string? TrackingNumber { get; init; }
    }

    /// <summary>Likewise of a refund.</summary>
    public sealed record RefundForm
    {
        public string? Amount { get; init; }

        public string? Reason { get; init; }
    }

    /// <summary>Likewise of a return; a line for each of the order's.</summary>
    public sealed record ReturnForm
    {
        public List<ReturnFormLine> Lines { get; init; } = [];

        public string? Amount { get; init; }

        public string? Reason { get; init; }
    }

    public sealed record ReturnFormLine
    {
        public string? Product { get; init; }

        public string? Pieces { get; init; }

        /// <summary>`shelf` or `waste`.</summary>
        public string? To { get; init; }
    }

    /// <summary>What was sent and refused, to be shown again.</summary>
    public sealed record Refusal(Problem Problem, StatusForm? Status = null, RefundForm? Refund = null, ReturnForm? Return = null);

    private static readonly Problem PiecesInvalid = new Problem(400, "validation-failed", "The request is not valid.")
        .With("errors", new Dictionary<string, string[]> { ["lines"] = ["Give pieces of at least one line."] });

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/orders", ShowOrders);
        pages.MapGet("/orders/{id}", ShowOrder);
        pages.MapPost("/orders/{id}/status", MoveOrder);
        pages.MapPost("/orders/{id}/refunds", PayBack).Idempotent();
        pages.MapPost("/orders/{id}/returns", TakeBack).Idempotent();
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowOrders(
        string? status, string? cursor, Database database, CancellationToken ct)
    {
        var wanted = string.IsNullOrEmpty(status) ? null : OrderTransitions.Parse(status);
        if (wanted is null && !string.IsNullOrEmpty(status)) return OrderTransitions.StatusUnknown.ToResult();
        if (ListOrders.Before(cursor) is not { } before) return Paging.CursorInvalid.ToResult();
        var found = await database.Snapshot(tx => OrderBook.All(tx, wanted, before, Paging.LimitDefault + 1), ct);
        var list = ListOrders.Page(found, Paging.LimitDefault, OrderView.ForAdmin);
        return Pages.Render<AdminOrdersPage>(new { List = list, Status = wanted });
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowOrder(
        string id, Database database, CancellationToken ct)
    {
        return await Render(id, database, ct) is { } page ? page : Order.Unknown.ToResult();
    }

    /// <summary>Null when there is no such order.</summary>
    private static async Task<RazorComponentResult?> Render(string id, Database database, CancellationToken ct, Refusal? refusal = null)
    {
        var (order, refunds, returns) = await database.Snapshot(
            async tx => (await OrderBook.Find(tx, id, OrderAccess.Admin), await RefundBook.Of(tx, id), await Returns.Of(tx, id)), ct);
        return order is null ? null : Pages.Render<AdminOrderPage>(new
        {
            Order = OrderView.ForAdmin(order),
            Refunds = refunds.ConvertAll(RefundView.Of),
            Returns = returns.ConvertAll(ReturnView.Of),
            Refusal = refusal,
        }, refusal?.Problem.Status ?? 200);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> MoveOrder(
        string id, [FromForm] StatusForm form, CurrentUser user, OrderBook orders, Shipments shipments, Database database,
        CancellationToken ct)
    {
        var request = new ChangeOrderStatus.Request(form.Status, Reason: null, form.Carrier, form.TrackingNumber);
        var (_, problem) = await ChangeOrderStatus.Run(id, request, user, orders, shipments, database, ct);
        if (problem == OrderTransitions.StatusUnknown) return problem.ToResult();
        // Somebody else was quicker: the page shows how far the order has come, and why this step is not possible any more.
        return await Answer(id, problem is null ? null : new(problem, Status: form), database, ct);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> PayBack(
        string id, [FromForm] RefundForm? form, CurrentUser user, OrderBook orders, RefundBook refunds, Database database,
        Idempotency idempotency, CancellationToken ct)
    {
        var wanted = new RefundOrder.Request(AmountOf(form?.Amount), form?.Reason);
        var (_, problem) = wanted is { Amount: > 0, Reason: null or { Length: <= 200 } }
            ? await database.Write(tx => idempotency.Once(
                tx, () => RefundOrder.Run(tx, id, wanted, user, orders, refunds, idempotency.RequestKey)), ct)
            : RefundOrder.AmountInvalid;
        return await Answer(id, problem is null ? null : new(problem, Refund: form ?? new()), database, ct);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> TakeBack(
        string id, [FromForm] ReturnForm? form, CurrentUser user, Returns returns, Database database, Idempotency idempotency,
        CancellationToken ct)
    {
        var (request, problem) = Read(form ?? new());
        if (problem is null) (_, problem) = await ReturnPieces.Run(id, request!, user, returns, database, idempotency, ct);
        return await Answer(id, problem is null ? null : new(problem, Return: form ?? new()), database, ct);
    }

    /// <summary>An empty number of pieces is none, and an empty amount what was paid for them.</summary>
    private static Outcome<ReturnPieces.Request> Read(ReturnForm form)
    {
        var lines = new List<ReturnPieces.Line>();
        foreach (var line in form.Lines.Where(line => !string.IsNullOrWhiteSpace(line.Pieces) && line.Pieces.Trim() != "0"))
        {
            if (!int.TryParse(line.Pieces, NumberStyles.None, CultureInfo.InvariantCulture, out var pieces)) return PiecesInvalid;
            if (pieces is < 1 or > 99 || string.IsNullOrEmpty(line.Product) || line.To is not ("shelf" or "waste")) return PiecesInvalid;
            lines.Add(new(line.Product, pieces, Restock: line.To == "shelf"));
        }

        if (lines.Count is 0 or > 100) return PiecesInvalid;
        var amount = AmountOf(form.Amount);
        var isAmount = string.IsNullOrWhiteSpace(form.Amount) || amount is >= 0 and <= 999_999_999_999;
        return isAmount && form.Reason is null or { Length: <= 200 }
            ? new ReturnPieces.Request(lines, amount, form.Reason)
            : RefundOrder.AmountInvalid;
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Answer(
        string id, Refusal? refusal, Database database, CancellationToken ct)
    {
        if (refusal is null) return TypedResults.LocalRedirect($"/admin/orders/{Uri.EscapeDataString(id)}");
        return await Render(id, database, ct, refusal) is { } page ? page : refusal.Problem.ToResult();
    }

    /// <summary>With a comma or a point, as people write amounts; null when it is none.</summary>
    internal static decimal? AmountOf(string? text) => decimal.TryParse(
        text?.Trim().Replace(',', '.'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount : null;
}

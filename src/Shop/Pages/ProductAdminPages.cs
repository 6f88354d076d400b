using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Shop.Admin;
using Kontor.Shop.Catalogue;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>One product for those who run the shop: its stock, a form to change it, and every movement so far.</summary>
public static class ProductAdminPages
{
    private static readonly Problem ChangeInvalid = new(400, "validation-failed", "Give a difference other than 0, and a reason.");
    private static readonly Problem ThresholdInvalid = new(400, "validation-failed", ChangeThreshold.Message);
    private static readonly Problem AtInvalid = new(400, "validation-failed", "A moment such as 2026-11-20 14:30.");

    /// <summary>As the form sends it; whatever was typed is shown again when it is refused.</summary>
    public sealed record Request(string? Delta = null, string? Reason = null);

    /// <summary>As the form of the threshold sends it.</summary>
    public sealed record ThresholdForm(string? Pieces = null);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/stock", ShowStock);
        pages.MapGet("/products/{id}", Show);
        pages.MapPost("/products/{id}/stock", Change).Idempotent();
        pages.MapPost("/products/{id}/threshold", SetThreshold);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> ShowStock(
        string? show, string? cursor, Database database, TimeProvider time, CancellationToken ct)
    {
        var (list, problem) = await ListStock.Read(show, Paging.LimitDefault, cursor, database, time, ct);
        return problem is null
            ? Pages.Render<AdminStockPage>(new { List = list, Show = ListStock.ShowOf(show) })
            : problem.ToResult();
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string id, string? at, string? cursor, Reader reader, CancellationToken ct)
    {
        var moment = MomentOf(at);
        var refusal = moment is null && !string.IsNullOrEmpty(at) ? AtInvalid : null;
        var (content, problem) = await reader.Read(id, moment, cursor, ct);
        return problem is null
            ? Pages.Render<AdminProductPage>(new { Content = content, Problem = refusal, At = at }, refusal?.Status ?? 200)
            : problem.ToResult();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Change(
        string id, [FromForm] Request request, CurrentUser user, Stock stock, ProductSearch search, Reader reader,
        Database database, Idempotency idempotency, CancellationToken ct)
    {
        var (_, problem) = Read(request) is { } change
            ? await database.Write(tx => idempotency.Once<GetProduct.Response>(
                tx, () => ChangeStock.Change(tx, id, change, $"admin:{user.Id}", stock, search)), ct)
            : ChangeInvalid;
        if (problem is null) return TypedResults.LocalRedirect($"/admin/products/{Uri.EscapeDataString(id)}");
        var (content, unknown) = await reader.Read(id, at: null, cursor: null, ct);
        return unknown is null
            ? Pages.Render<AdminProductPage>(new { Content = content, Problem = problem, Typed = request }, problem.Status)
            : unknown.ToResult();
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> SetThreshold(
        string id, [FromForm] ThresholdForm? form, ProductSearch search, Reader reader, Database database, CancellationToken ct)
    {
        var (_, problem) = PiecesOf(form?.Pieces, out var pieces)
            ? await ChangeThreshold.Change(id, new(pieces), search, database, ct)
            : ThresholdInvalid;
        if (problem is null) return TypedResults.LocalRedirect($"/admin/products/{Uri.EscapeDataString(id)}");
        var (content, unknown) = await reader.Read(id, at: null, cursor: null, ct);
        return unknown is null
            ? Pages.Render<AdminProductPage>(new { Content = content, Problem = problem }, problem.Status)
            : unknown.ToResult();
    }

    /// <summary>Null when it is not a change that the API would take.</summary>
    private static ChangeStock.Request? Read(Request request)
    {
        if (!long.TryParse(request.Delta, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var delta)) return null;
        var change = new ChangeStock.Request(delta, request.Reason);
        return Validator.TryValidateObject(change, new ValidationContext(change), null, validateAllProperties: true) ? change : null;
    }

    /// <summary>Nothing means the usual number.</summary>
    private static bool PiecesOf(string? text, out long? pieces)
    {
        pieces = null;
        if (string.IsNullOrWhiteSpace(text)) return true;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > Stock.OnHandMax) return false;
        pieces = number;
        return true;
    }

    /// <summary>As a browser sends a moment, which here is one of UTC; null when it is none.</summary>
    internal static DateTimeOffset? MomentOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? moment : null;

    /// <summary>Reads what the page of a product shows.</summary>
    internal sealed class Reader(ProductSearch search, Assets assets, Database database)
    {
        public async Task<Outcome<ProductAdminContent>> Read(string id, DateTimeOffset? at, string? cursor, CancellationToken ct)
        {
            if (await search.Find(id, ct) is not { } product) return Product.Unknown;
            var (ledger, problem) = await ShowLedger.Read(product.Id, at, Paging.LimitDefault, cursor, database, ct);
            if (problem is not null) return problem;
            var picture = ShopPages.PictureOf(product.Image, assets);
            return new ProductAdminContent(GetProduct.Response.Of(product, admin: true), ledger!, picture);
        }
    }
}

/// <param name="Ledger">At the moment that was asked for, or now.</param>
public sealed record ProductAdminContent(GetProduct.Response Product, ShowLedger.Response Ledger, string Picture);

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

    /// <summary>As the form sends it; whatever was typed is shown again when it is refused.</summary>
    public sealed record Request(string? Delta = null, string? Reason = null);

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/products/{id}", (
            string id, string? cursor, ProductSearch search, Assets assets, Database database, CancellationToken ct) =>
            Show(id, cursor, null, null, search, assets, database, ct));
        pages.MapPost("/products/{id}/stock", Change).Idempotent();
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string id, string? cursor, Problem? refusal, Request? typed,
        ProductSearch search, Assets assets, Database database, CancellationToken ct)
    {
        if (await search.Find(id, ct) is not { } product) return Product.Unknown.ToResult();
        var (ledger, problem) = await ShowLedger.Read(product.Id, at: null, Paging.LimitDefault, cursor, database, ct);
        if (problem is not null) return problem.ToResult();
        return Pages.Render<AdminProductPage>(new
        {
            Product = GetProduct.Response.Of(product, admin: true),
            Picture = ShopPages.PictureOf(product.Image, assets),
            Ledger = ledger,
            Problem = refusal,
            Typed = typed,
        }, refusal?.Status ?? 200);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Change(
        string id, [FromForm] Request request, CurrentUser user, Stock stock, ProductSearch search, Assets assets,
        Database database, Idempotency idempotency, CancellationToken ct)
    {
        var (_, problem) = Read(request) is { } change
            ? await database.Write(tx => idempotency.Once<GetProduct.Response>(
                tx, () => ChangeStock.Change(tx, id, change, $"admin:{user.Id}", stock, search)), ct)
            : ChangeInvalid;
        if (problem is null) return TypedResults.LocalRedirect($"/admin/products/{Uri.EscapeDataString(id)}");
        var shown = await Show(id, null, problem, request, search, assets, database, ct);
        return shown.Result is RazorComponentResult page ? page : problem.ToResult();
    }

    /// <summary>Null when it is not a change that the API would take.</summary>
    private static ChangeStock.Request? Read(Request request)
    {
        if (!long.TryParse(request.Delta, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var delta)) return null;
        var change = new ChangeStock.Request(delta, request.Reason);
        return Validator.TryValidateObject(change, new ValidationContext(change), null, validateAllProperties: true) ? change : null;
    }
}

using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Kontor.Shop.Catalogue;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>The cart in a browser: the product's page posts to it, and each of its lines has a form of its own.</summary>
public static class CartPages
{
    private static readonly Problem QuantityInvalid = new(400, "validation-failed", "A quantity is a number from 1 to 99.");

    /// <summary>As the form sends it; whatever was typed is shown again when it is refused. Fields may be missing.</summary>
    public sealed record Request
    {
        public string? ProductId { get; init; }

        public string? Quantity { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/cart", Show);
        pages.MapPost("/cart/items", Add).Idempotent();
        pages.MapPost("/cart/items/{id}/quantity", Change);
        pages.MapPost("/cart/items/{id}/remove", Remove);
    }

    private static async Task<RazorComponentResult> Show(CartOwner owner, Carts carts, Database database, CancellationToken ct) =>
        Pages.Render<CartPage>(new { Cart = await GetCart.Read(owner, carts, database, ct) });

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Add(
        [FromForm] Request? request, CartOwner owner, Carts carts, Database database, Idempotency idempotency, CancellationToken ct)
    {
        var (_, problem) = QuantityOf(request) is { } quantity
            ? await owner.Change(database, idempotency, tx => carts.Add(tx, owner, request?.ProductId ?? "", quantity), ct)
            : QuantityInvalid;
        return problem is null ? TypedResults.LocalRedirect("/cart") : await Refuse(problem, null, request, owner, carts, database, ct);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Change(
        string id,
        [FromForm] Request? request,
        CartOwner owner,
        Carts carts,
        Database database,
        Idempotency idempotency,
        CancellationToken ct)
    {
        var (_, problem) = QuantityOf(request) is { } quantity
            ? await owner.Change(database, idempotency, tx => carts.Change(tx, owner, id, quantity), ct)
            : QuantityInvalid;
        return problem is null ? TypedResults.LocalRedirect("/cart") : await Refuse(problem, id, request, owner, carts, database, ct);
    }

    /// <summary>The form has nothing to say but its antiforgery token, for which it is bound.</summary>
    private static async Task<RedirectHttpResult> Remove(
        string id, IFormCollection form, CartOwner owner, Carts carts, Database database, Idempotency idempotency, CancellationToken ct)
    {
        await owner.Change(database, idempotency, tx => carts.Remove(tx, owner, id), ct);
        return TypedResults.LocalRedirect("/cart");
    }

    /// <param name="lineId">The line whose form was refused; null for a product that was to be added.</param>
    private static async Task<RazorComponentResult> Refuse(
        Problem problem, string? lineId, Request? request, CartOwner owner, Carts carts, Database database, CancellationToken ct) =>
        Pages.Render<CartPage>(
            new { Cart = await GetCart.Read(owner, carts, database, ct), Problem = problem, LineId = lineId, Typed = request?.Quantity },
            problem.Status);

    private static int? QuantityOf(Request? request) =>
        int.TryParse(request?.Quantity ?? "1", NumberStyles.None, CultureInfo.InvariantCulture, out var quantity)
        && quantity is >= 1 and <= Carts.QuantityMax ? quantity : null;
}

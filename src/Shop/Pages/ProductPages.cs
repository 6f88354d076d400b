using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Waiting;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>One product on a page of its own: into the cart, or into the line for it when it is sold out.</summary>
public static class ProductPages
{
    /// <summary>As the form sends it; whatever was typed is shown again when it is refused.</summary>
    public sealed record Request
    {
        public string? Email { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/products/{slug}", Show);
        pages.MapPost("/products/{slug}/waiting", Join);
        pages.MapPost("/products/{slug}/waiting/leave", Leave);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string slug, CartOwner visitor, CurrentUser? user, ProductReader reader, ProductViews views, HttpContext http, CancellationToken ct)
    {
        if (await reader.Read(slug, visitor, ct) is not { } content) return Product.Unknown.ToResult();
        if (user is not { IsAdmin: true }) views.Count(content.Item.Id, http.User);
        return Pages.Render<ProductPage>(new { Content = content });
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult, ProblemHttpResult>> Join(
        string slug, [FromForm] Request? request, CartOwner visitor, ProductReader reader, JoinLine.Joining joining, CancellationToken ct)
    {
        if (await reader.Read(slug, visitor, ct) is not { } content) return Product.Unknown.ToResult();
        var (place, problem) = await joining.Run(content.Item.Id, new JoinLine.Request(request?.Email), visitor, ct);
        // Somebody else's address is in line, and whoever gives it sees the same as everybody.
        if (place is { State: PlaceState.Waiting, Position: null })
            return Pages.Render<ProductPage>(new { Content = content with { Place = place } });
        if (problem is null) return TypedResults.LocalRedirect($"/products/{content.Item.Slug}#waiting");
        content = await reader.Read(slug, visitor, ct) ?? content;
        return Pages.Render<ProductPage>(new { Content = content, Problem = problem, Typed = request?.Email }, problem.Status);
    }

    /// <summary>The form has nothing to say but its antiforgery token, for which it is bound.</summary>
    private static async Task<Results<RedirectHttpResult, ProblemHttpResult>> Leave(
        string slug, IFormCollection form, CartOwner visitor, ProductReader reader, Stock stock, Database database, CancellationToken ct)
    {
        if (await reader.Read(slug, visitor, ct) is not { } content) return Product.Unknown.ToResult();
        await LeaveLine.Run(content.Item.Id, visitor, stock, database, ct);
        return TypedResults.LocalRedirect($"/products/{content.Item.Slug}");
    }
}

/// <summary>Reads what a product's page shows.</summary>
internal sealed class ProductReader(ProductSearch search, Database database, TimeProvider time, Assets assets)
{
    private const int RelatedMax = 8;

    /// <summary>Null when there is no such product.</summary>
    public async Task<ProductContent?> Read(string slug, CartOwner visitor, CancellationToken ct)
    {
        if (await search.Find(slug, ct) is not { } product) return null;
        var related = await search.List(
            ProductQuery.Everything with { Category = product.Category, Sort = ProductSort.Named("rating"), Limit = RelatedMax + 1 }, ct);
        var others = related.Products.Where(other => other.Id != product.Id).Take(RelatedMax);
        // Nobody waits for what can be had, but who has waited may have a piece where others have none.
        var place = product.Available > 0 || visitor.IsNew
            ? null
            : await database.Snapshot(tx => PlaceOf(tx, product.Id, visitor), ct);
        return new(ShopPages.ItemOf(product, assets), [.. others.Select(other => ShopPages.ItemOf(other, assets))], place, visitor.IsGuest);
    }

    private async Task<PlaceView?> PlaceOf(Tx tx, string productId, CartOwner visitor) =>
        await PlaceView.Of(tx, await WaitingList.Find(tx, productId, visitor.Key), time.NowMs());
}

/// <param name="Related">Others of its category.</param>
/// <param name="Place">The visitor's place in line; null when they do not wait.</param>
public sealed record ProductContent(ShopPages.Item Item, IReadOnlyList<ShopPages.Item> Related, PlaceView? Place, bool IsGuest);

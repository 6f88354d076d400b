using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
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

/// <summary>Where the link of a letter leads that says a piece is there: take it, or let the next in line have it.</summary>
public static class WaitingPages
{
    /// <summary>As the forms send it.</summary>
    public sealed record Request
    {
        public string? Token { get; init; }
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/waiting/{id}", Show);
        pages.MapPost("/waiting/{id}/claim", Claim).Idempotent();
        pages.MapPost("/waiting/{id}/leave", Leave);
    }

    private static async Task<RazorComponentResult> Show(
        string id, string? token, WaitingLink link, ProductSearch search, Database database, TimeProvider time, CancellationToken ct)
    {
        var place = link.Opens(id, token) ? await database.Read(tx => WaitingList.Find(tx, id).AsTask(), ct) : null;
        var until = place?.OfferedUntil > time.NowMs() ? place.OfferedUntil?.ToTime() : null;
        var product = until is null ? null : await search.Find(place!.ProductId, ct);
        return Pages.Render<OfferPage>(new { Id = id, Token = token, Name = product?.Name, Until = product is null ? null : until });
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Claim(
        string id, [FromForm] Request? request, CartOwner owner, Carts carts, WaitingLink link, Database database, Idempotency idempotency,
        CancellationToken ct)
    {
        var (_, problem) = link.Opens(id, request?.Token)
            ? await owner.Change(database, idempotency, tx => carts.Claim(tx, owner, id), ct)
            : ClaimOffer.Lapsed;
        return problem is null
            ? TypedResults.LocalRedirect("/cart")
            : Pages.Render<OfferPage>(new { Id = id, Problem = problem == ClaimOffer.Lapsed ? null : problem }, problem.Status);
    }

    private static async Task<RazorComponentResult> Leave(
        string id, [FromForm] Request? request, WaitingLink link, Stock stock, Database database, CancellationToken ct)
    {
        if (link.Opens(id, request?.Token))
        {
            await database.Write(async tx =>
            {
                if (await WaitingList.Find(tx, id) is { } place) await stock.Leave(tx, place, "guest");
            }, ct);
        }

        return Pages.Render<OfferPage>(new { Id = id, HasLeft = true });
    }
}

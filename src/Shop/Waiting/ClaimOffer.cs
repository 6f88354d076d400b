using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Waiting;

/// <summary>
/// The piece that is kept for a place in line goes into the caller's cart, by the link of the letter that told of it. Whoever joined in
/// this browser or is signed in as the one who waits simply adds the product to the cart.
/// </summary>
public static class ClaimOffer
{
    public static readonly Problem Lapsed = new(409, "offer-lapsed", "The piece is no longer kept for you.");

    /// <param name="Token">From the letter's link.</param>
    public sealed record Request([property: Required, MaxLength(1000)] string? Token = null);

    internal static void Map(RouteGroupBuilder api) =>
        api.MapPost("/waiting/{id}/claim", Handle).WithName("ClaimWaitingOffer").Idempotent();

    private static async Task<Results<Ok<CartView>, ProblemHttpResult>> Handle(
        string id, Request request, CartOwner owner, Carts carts, WaitingLink link, Database database, Idempotency idempotency,
        CancellationToken ct)
    {
        // A wrong token and a place that has ended look alike.
        if (!link.Opens(id, request.Token)) return Lapsed.ToResult();
        var (cart, problem) = await owner.Change(database, idempotency, tx => carts.Claim(tx, owner, id), ct);
        return problem is null ? TypedResults.Ok(cart) : problem.ToResult();
    }
}

using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Checkout;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Waiting;

/// <summary>
/// Waits for a product that is sold out: the first in line gets a mail when a piece is there, which is kept for a while. One place for
/// each person and product; joining again is being in line.
/// </summary>
public static class JoinLine
{
    public static readonly Problem InStock = new(409, "in-stock", "There are pieces that nobody waits for; put one in the cart.");

    private static readonly EmailAddressAttribute Email = new();

    private static readonly Problem EmailInvalid = new Problem(400, "validation-failed", "The request is not valid.")
        .With("errors", new Dictionary<string, string[]> { ["email"] = [FieldErrors.EmailMissing] });

    /// <param name="Email">Where a guest is told; whoever is signed in is known.</param>
    public sealed record Request(
        [property: EmailAddress(ErrorMessage = FieldErrors.NoEmail), MaxLength(254, ErrorMessage = FieldErrors.TooLong)]
        string? Email = null);

    internal static void Map(RouteGroupBuilder api) => api.MapPost("/products/{id}/waiting", Handle).WithName("JoinWaitingList");

    private static async Task<Results<Ok<PlaceView>, ProblemHttpResult>> Handle(
        string id, Request request, CartOwner owner, Joining joining, CancellationToken ct)
    {
        var (place, problem) = await joining.Run(id, request, owner, ct);
        return problem is null ? TypedResults.Ok(place) : problem.ToResult();
    }

    /// <summary>The same for the API and for the product's page.</summary>
    internal sealed class Joining(WaitingList line, ProductSearch search, Database database, TimeProvider time)
    {
        public async Task<Outcome<PlaceView>> Run(string productId, Request request, CartOwner owner, CancellationToken ct)
        {
            var email = owner.IsGuest ? request.Email?.Trim().ToLowerInvariant() : null;
            if (owner.IsGuest && (string.IsNullOrEmpty(email) || !Email.IsValid(email))) return EmailInvalid;
            var (place, problem) = await database.Write(tx => Join(tx, productId, email, owner), ct);
            if (problem is not null) return problem;
            owner.Answer(owner.NewToken);
            return place! with { CartToken = owner.NewToken };
        }

        private async Task<Outcome<PlaceView>> Join(Tx tx, string productId, string? email, CartOwner owner)
        {
            await Shelf.Lock(tx, [productId]);
            if (await search.Find(tx, productId) is not { } product || product.Id != productId) return Product.Unknown;
            if (product.Available > 0) return InStock.With("available", product.Available);
            if (await line.Join(tx, productId, owner.Key, owner.UserId, email, owner.Language) is { } refusal) return refusal;
            return await PlaceView.Of(tx, await WaitingList.Find(tx, productId, owner.Key), time.NowMs())
                ?? new PlaceView(productId, PlaceState.Waiting, Position: null, OfferedUntil: null, time.NowMs().ToTime());
        }
    }
}

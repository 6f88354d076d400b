using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Kontor.Shop.Orders;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Checkout;

/// <summary>The caller's cart becomes an order: all of it, at the prices that the buyer knows, or not at all.</summary>
public static class PlaceOrder
{
    /// <param name="Email">Needed from guests; whoever is signed in is known.</param>
    /// <param name="AcceptPrices">The buyer agrees to prices that rose since they were put in the cart.</param>
    /// <param name="ExpectedTotal">What the buyer was shown; an order that costs more is refused, whatever else was agreed to.</param>
    /// <param name="Shipping">A method's key, as `POST /api/checkout/quote` lists them; the first one when it is left out.</param>
    /// <param name="Coupon">A code that makes the order cheaper.</param>
    public sealed record Request(
        [property: EmailAddress(ErrorMessage = FieldErrors.NoEmail), MaxLength(254, ErrorMessage = FieldErrors.TooLong)]
        string? Email = null,
        [property: Required] ShippingAddress? ShippingAddress = null,
        [property: Required] Payment? Payment = null,
        bool AcceptPrices = false,
        decimal? ExpectedTotal = null,
        [property: MaxLength(64, ErrorMessage = FieldErrors.TooLong)] string? Shipping = null,
        [property: MaxLength(Pricing.Coupon.CodeMax, ErrorMessage = FieldErrors.TooLong)] string? Coupon = null);

    /// <param name="Method">`invoice`: by transfer, before the order leaves. `card`: online, with `POST /api/orders/{id}/pay`.</param>
    public sealed record Payment([property: Required, MaxLength(50)] string? Method = null);

    internal static void Map(RouteGroupBuilder orders) => orders.MapPost("", Handle).WithName("PlaceOrder").Idempotent();

    private static async Task<Results<Created<OrderView>, ProblemHttpResult>> Handle(
        Request request, CartOwner owner, Checkout checkout, Database database, Idempotency idempotency, CancellationToken ct)
    {
        var (order, problem) = await Run(request, owner, checkout, database, idempotency, ct);
        return problem is null ? TypedResults.Created($"/api/orders/{order!.Id}", order) : problem.ToResult();
    }

    internal static async Task<Outcome<OrderView>> Run(
        Request request, CartOwner owner, Checkout checkout, Database database, Idempotency idempotency, CancellationToken ct)
    {
        if (checkout.Refuse(request, owner) is { } refusal) return refusal;
        var (order, problem) = await database.Write(
            tx => idempotency.Once<OrderView>(tx, () => checkout.Place(tx, owner, request)), ct);
        if (problem is not null) return problem;
        owner.Answer(newToken: null);
        // Not saved with the answer: the guest's own token gives it again.
        return order! with { Token = owner.OrderToken(order.Id) };
    }
}

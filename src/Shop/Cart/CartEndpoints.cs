using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Kontor.Shop.Cart;

/// <summary>The caller's cart: theirs when they are signed in, else the one of their token.</summary>
internal static class CartEndpoints
{
    public static void AddCart(this IServiceCollection services)
    {
        services.AddSingleton<Carts>();
        services.AddSingleton<CartReplay>();
        services.AddHostedService<CartTidying>();
        services.AddHostedService<CartNews>();
    }

    public static void MapCart(this IEndpointRouteBuilder routes)
    {
        var cart = routes.MapGroup("/api/cart").WithTags("Cart");
        GetCart.Map(cart);
        AddToCart.Map(cart);
        ChangeQuantity.Map(cart);
        RemoveFromCart.Map(cart);
        EmptyCart.Map(cart);
        BeginCheckout.Map(cart);
        ReplayCart.Map(cart);
    }

    /// <summary>What is saved of a change, so that it can be answered again.</summary>
    private sealed record Answer(CartView Cart, string? SealedToken);

    /// <summary>Changes the cart once for each idempotency key, and tells a new guest the token.</summary>
    public static async Task<Outcome<CartView>> Change(
        this CartOwner owner, Database database, Idempotency idempotency, Func<Tx, Task<Outcome<CartView>>> change, CancellationToken ct)
    {
        // Only what is saved needs a seal, and sealing costs as much as the rest of the request.
        var sealedToken = idempotency.IsSaved ? owner.SealToken() : null;
        var (answer, problem) = await database.Write(tx => idempotency.Once<Answer>(tx, async () =>
        {
            var (cart, refusal) = await change(tx);
            return refusal is null ? new Answer(cart!, sealedToken) : refusal;
        }), ct);
        if (problem is not null) return problem;
        var token = idempotency.IsSaved ? owner.Unseal(answer!.SealedToken) : owner.NewToken;
        owner.Answer(token);
        return answer!.Cart with { CartToken = token };
    }
}

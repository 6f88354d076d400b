using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Kontor.Shop.Orders;
using Kontor.Shop.Payments;
using Kontor.Ui;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontor.Shop;

/// <summary>How the buyer's pages lead to the provider's.</summary>
internal sealed class PaymentPages(Paying paying, PaymentProviders providers, PublicUrl address)
{
    /// <summary>In the address of an order's page: the provider did not answer.</summary>
    public const string Unavailable = "unavailable";

    public bool OfferCards => providers.Offers(PaymentMethods.Card);

    /// <summary>The answer to a form of this page may lead on to the provider's.</summary>
    public void AllowLeaving(HttpContext http)
    {
        if (providers.For(PaymentMethods.Card) is IOnlineProvider { PageOrigin: { } origin }) http.AllowFormsTo(origin);
    }

    /// <summary>To the provider's page; to the order's own, which says how it stands, where that is not possible.</summary>
    public async Task<RedirectHttpResult> Go(string orderId, string? token, CartOwner caller, CancellationToken ct)
    {
        var (url, problem) = await paying.Start(orderId, caller.AccessTo(orderId, token), caller.Actor, ct);
        if (problem is null) return TypedResults.Redirect(address.PathOf(url!));
        var order = OrderPages.Address(orderId, token);
        return TypedResults.LocalRedirect(
            problem.Status == 503 ? $"{order}{(order.Contains('?', StringComparison.Ordinal) ? '&' : '?')}payment={Unavailable}" : order);
    }
}

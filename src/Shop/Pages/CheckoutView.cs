using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Shop.Cart;
using Kontor.Shop.Pricing;
using Kontor.Ui;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Kontor.Shop;

/// <summary>The page on which a buyer checks out: the cart, what it costs with what was chosen, and the form.</summary>
internal sealed class CheckoutView(PaymentPages payment, Carts carts, Quotes quotes, Database database)
{
    /// <summary>Null when there is nothing to check out.</summary>
    /// <param name="problem">Why the order that was asked for was not placed.</param>
    public async Task<RazorComponentResult?> Render(
        CartOwner owner, CheckoutPages.Request form, HttpContext http, Problem? problem, CancellationToken ct)
    {
        var cart = await GetCart.Read(owner, carts, database, ct);
        if (cart.Items.Count == 0 && problem is null) return null;
        var choice = form.ToChoice();
        var (quote, unquoted) = await QuoteOrder.Read(choice, owner, carts, quotes, database, ct);
        problem ??= unquoted;
        // A code or a way of shipping that cannot be had leaves the rest of the total to be seen.
        choice = choice with { Coupon = null, Shipping = null };
        if (quote is null) (quote, _) = await QuoteOrder.Read(choice, owner, carts, quotes, database, ct);
        payment.AllowLeaving(http);
        return Pages.Render<CheckoutPage>(new
        {
            Cart = cart,
            Quote = quote is null ? null : QuoteOrder.Response.Of(quote, quotes.MethodsTo(choice.Country)),
            owner.IsGuest,
            Form = form,
            OffersCards = payment.OfferCards,
            Problem = problem,
        }, problem?.Status ?? 200);
    }
}

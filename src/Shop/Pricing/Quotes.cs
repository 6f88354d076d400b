using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;
using Kontor.Shop.Catalogue;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Pricing;

/// <summary>What a cart's order would cost, and by what.</summary>
internal sealed record Quote(Totals Totals, ShippingMethod Shipping, Coupon? Coupon);

/// <summary>What the buyer chose beside the goods. What is left out is the first way of shipping, and no code.</summary>
internal sealed record Choice(string Country, string? Shipping, string? Coupon);

/// <summary>Works out what an order costs; the page that shows it and the order that is placed both ask here.</summary>
internal sealed class Quotes(Coupons coupons, IOptions<PricingOptions> options, TimeProvider time)
{
    public static readonly Problem ShippingUnknown = new(422, "shipping-unavailable", "This way of shipping does not go there.");

    /// <summary>Those that go to this country.</summary>
    public IEnumerable<ShippingMethod> MethodsTo(string country) => options.Value.Methods.Where(method => method.Reaches(country));

    /// <summary>The name of a method in the visitor's language; its key when there is no such method any more.</summary>
    public string NameOf(string method) => options.Value.Methods.FirstOrDefault(one => one.Key == method)?.Name ?? method;

    /// <summary>Uses the code, if there is one; null when that is done.</summary>
    public async ValueTask<Problem?> Take(Tx tx, Quote quote, string orderId, string customer) =>
        quote.Coupon is { } coupon ? await coupons.Take(tx, coupon, orderId, customer) : null;

    public async Task<Outcome<Quote>> Of(Tx tx, IEnumerable<CartLine> lines, Choice choice)
    {
        var shipping = MethodsTo(choice.Country).FirstOrDefault(method => choice.Shipping is null || method.Key == choice.Shipping);
        if (shipping is null) return ShippingUnknown;
        Coupon? coupon = null;
        if (!string.IsNullOrWhiteSpace(choice.Coupon))
        {
            coupon = await Coupons.Find(tx, choice.Coupon);
            if (coupon is null) return Coupon.Invalid;
        }

        var (totals, problem) = Totals.Of(
            lines.Where(line => !line.IsDeleted).Select(line => (line.CurrentPriceMinor, line.Quantity)), coupon, shipping,
            options.Value.TaxRate(choice.Country));
        if (problem is not null) return problem;
        if (coupon?.Refuse(totals!.Goods, Products.Currency, time.NowMs()) is { } refusal) return refusal;
        return new Quote(totals!, shipping, coupon);
    }
}

using System.ComponentModel.DataAnnotations;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Checkout;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop.Pricing;

/// <summary>What the caller's cart would cost as an order: goods, code, shipping and the tax in it. Nothing is kept or held.</summary>
public static class QuoteOrder
{
    /// <param name="Country">Where it goes.</param>
    /// <param name="Shipping">A method's key; the first that goes there when it is left out.</param>
    public sealed record Request(
        [property: Required, Country] string? Country = null,
        [property: MaxLength(64)] string? Shipping = null,
        [property: MaxLength(Coupon.CodeMax)] string? Coupon = null);

    /// <param name="Price">For this cart.</param>
    public sealed record ShippingView(string Key, string Name, decimal Price, bool Pickup);

    /// <param name="Percent">For instance `19`.</param>
    /// <param name="Amount">Contained in the total.</param>
    public sealed record TaxView(decimal Percent, decimal Amount)
    {
        internal static TaxView Of(long rate, long taxMinor, string currency) => new(rate / 100m, new Money(taxMinor, currency).Major);
    }

    /// <param name="Shipping">The method that was asked for.</param>
    /// <param name="Methods">All that go there.</param>
    public sealed record Response(
        decimal Goods, decimal Discount, ShippingView Shipping, decimal Total, TaxView Tax, string Currency, string? Coupon,
        IReadOnlyList<ShippingView> Methods)
    {
        internal static Response Of(Quote quote, IEnumerable<ShippingMethod> methods)
        {
            var totals = quote.Totals;
            return new(
                Major(totals.Goods), Major(totals.Discount), View(quote.Shipping, totals), Major(totals.Total),
                TaxView.Of(totals.TaxRate, totals.Tax, Products.Currency), Products.Currency, quote.Coupon?.Code,
                [.. methods.Select(method => View(method, totals))]);
        }

        private static ShippingView View(ShippingMethod method, Totals totals) =>
            new(method.Key, method.Name, Major(method.PriceFor(totals.Goods - totals.Discount)), method.IsPickup);

        private static decimal Major(long minor) => new Money(minor, Products.Currency).Major;
    }

    internal static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/checkout/quote", Handle).WithTags("Orders").WithName("QuoteOrder");

    private static async Task<Results<Ok<Response>, ProblemHttpResult>> Handle(
        Request request, CartOwner owner, Carts carts, Quotes quotes, Database database, CancellationToken ct)
    {
        var (quote, problem) = await Read(new(request.Country!, request.Shipping, request.Coupon), owner, carts, quotes, database, ct);
        return problem is null ? TypedResults.Ok(Response.Of(quote!, quotes.MethodsTo(request.Country!))) : problem.ToResult();
    }

    internal static Task<Outcome<Quote>> Read(
        Choice choice, CartOwner owner, Carts carts, Quotes quotes, Database database, CancellationToken ct) =>
        database.Read(async tx => await quotes.Of(tx, await carts.LinesOf(tx, owner), choice), ct);
}

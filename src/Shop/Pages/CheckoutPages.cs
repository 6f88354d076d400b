using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Shop.Cart;
using Kontor.Shop.Checkout;
using Kontor.Shop.Payments;
using Kontor.Shop.Pricing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace Kontor.Shop;

/// <summary>Checking out in a browser: one form, sent once however often its button is pressed.</summary>
public static class CheckoutPages
{
    private static readonly Problem Invalid = new(400, "validation-failed", "Please check what you entered.");

    /// <summary>As the form sends it; whatever was typed is shown again when it is refused. Fields may be missing.</summary>
    public sealed record Request
    {
        public string? Email { get; init; }

        public string? Name { get; init; }

        public string? Street { get; init; }

        public string? PostalCode { get; init; }

        public string? City { get; init; }

        public string? Country { get; init; } = "DE";

        public string? AcceptPrices { get; init; }

        public string? Shipping { get; init; }

        public string? Coupon { get; init; }

        /// <summary>`card` or `invoice`.</summary>
        public string? Payment { get; init; }

        /// <summary>As the page showed it. Without it nothing is compared, as in the API.</summary>
        public string? ExpectedTotal { get; init; }

        internal PlaceOrder.Request ToOrder() => new(
            string.IsNullOrWhiteSpace(Email) ? null : Email,
            new ShippingAddress(Name, Street, City, PostalCode, Country),
            new PlaceOrder.Payment(string.IsNullOrEmpty(Payment) ? PaymentMethods.Invoice : Payment),
            AcceptPrices == "true",
            decimal.TryParse(ExpectedTotal, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var total) ? total : null,
            string.IsNullOrEmpty(Shipping) ? null : Shipping,
            string.IsNullOrWhiteSpace(Coupon) ? null : Coupon);

        internal Choice ToChoice() => new(Country is { } code && Countries.Has(code) ? code : "DE", Shipping, Coupon);
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/checkout", Show);
        pages.MapPost("/checkout", Place).Idempotent();
        pages.MapPost("/checkout/quote", Quote);
    }

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Show(
        CartOwner owner, Carts carts, CheckoutView view, HttpContext http, Database database, CancellationToken ct)
    {
        await BeginCheckout.Run(owner, carts, database, ct);
        return await view.Render(owner, new Request(), http, problem: null, ct) is { } page ? page : TypedResults.LocalRedirect("/cart");
    }

    /// <summary>What the order would cost with what was chosen; nothing is placed.</summary>
    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Quote(
        [FromForm] Request? request, CartOwner owner, CheckoutView view, HttpContext http, CancellationToken ct) =>
        await view.Render(owner, request ?? new(), http, problem: null, ct) is { } page ? page : TypedResults.LocalRedirect("/cart");

    private static async Task<Results<RedirectHttpResult, RazorComponentResult>> Place(
        [FromForm] Request? request,
        CartOwner owner,
        Checkout.Checkout checkout,
        PaymentPages payment,
        CheckoutView view,
        HttpContext http,
        Database database,
        Idempotency idempotency,
        CancellationToken ct)
    {
        // A form without any field that is known here binds to nothing.
        var form = request ?? new Request();
        var wanted = form.ToOrder();
        var (order, problem) = Validate(wanted, owner) is { } refusal
            ? refusal
            : await PlaceOrder.Run(wanted, owner, checkout, database, idempotency, ct);
        if (problem is not null) return (await view.Render(owner, form, http, problem, ct))!;
        if (order!.Payment.Method == PaymentMethods.Invoice) return TypedResults.LocalRedirect(OrderPages.Address(order.Id, order.Token));
        return await payment.Go(order.Id, order.Token, owner, ct);
    }

    /// <summary>The same rules as the API's, which validates before a handler runs; here what was typed is to be shown again.</summary>
    private static Problem? Validate(PlaceOrder.Request request, CartOwner owner)
    {
        var found = new List<ValidationResult>();
        foreach (var part in (object[])[request.ShippingAddress!, request])
            Validator.TryValidateObject(part, new ValidationContext(part), found, validateAllProperties: true);
        if (Checkout.Checkout.LacksEmail(request, owner)) found.Add(new(FieldErrors.EmailMissing, [nameof(request.Email)]));
        if (found.Count == 0) return null;
        return Invalid.With("errors", found
            .GroupBy(result => CamelCase(result.MemberNames.First()), result => result.ErrorMessage!)
            .ToDictionary(field => field.Key, field => field.ToArray()));
    }

    private static string CamelCase(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}

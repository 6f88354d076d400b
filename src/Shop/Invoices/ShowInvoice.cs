using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Http;
using Kontor.Foundation.Security;
using Kontor.Foundation.Seams;
using Kontor.Shop.Cart;
using Kontor.Shop.Orders;
using Kontor.Ui;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Invoices;

/// <summary>An order's invoice and credit notes as pages to print, for its buyer and for admins, in the language of the order.</summary>
public static class ShowInvoice
{
    /// <param name="Shown">The one that is shown.</param>
    /// <param name="Origin">The invoice that a credit note is for; itself otherwise.</param>
    /// <param name="Back">What came back for a credit note; null when nothing did.</param>
    /// <param name="Language">`en` or `de`.</param>
    public sealed record Sheet(
        InvoiceView Shown, InvoiceView Origin, SellerOptions Seller, OrderView Order, ReturnView? Back, string Language);

    internal static void AddInvoices(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<SellerOptions>().Bind(configuration.GetSection("Shop:Seller")).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<InvoiceBook>();
        services.AddSingleton<IInvariant, InvoicesHaveNoGaps>();
        if (configuration.GetValue<bool>("Demo")) services.PostConfigure<SellerOptions>(Pretend);
    }

    internal static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/orders/{id}/invoice", Show);
        pages.MapGet("/orders/{id}/invoice/{number}", Show);
    }

    private static async Task<Results<RazorComponentResult, ProblemHttpResult>> Show(
        string id, string? number, string? token, CartOwner caller, IOptions<SellerOptions> seller, HttpContext http, Database database,
        CancellationToken ct)
    {
        http.Response.Headers.CacheControl = "no-store";
        var access = CurrentUser.Of(http.User) is { IsAdmin: true } ? OrderAccess.Admin : caller.AccessTo(id, token);
        var (sheet, problem) = await database.Snapshot(tx => Read(tx, id, access, number, seller.Value), ct);
        return problem is null ? Pages.Render<InvoicePage>(new { Sheet = sheet, Token = token }) : problem.ToResult();
    }

    private static async Task<Outcome<Sheet>> Read(Tx tx, string id, OrderAccess access, string? number, SellerOptions seller)
    {
        if (await OrderBook.Find(tx, id, access) is not { } whole) return Order.Unknown;
        if (whole.Invoices.FirstOrDefault(one => !one.IsCreditNote) is not { } origin) return Invoice.Unknown;
        var invoice = number is null ? origin : whole.Invoices.FirstOrDefault(one => one.Text == number);
        if (invoice is null) return Invoice.Unknown;
        var soldBy = invoice.SoldBy ?? (seller.IsComplete ? seller : null);
        if (soldBy is null) return Invoice.SellerMissing;
        var back = invoice.RefundId is null ? null : (await Returns.Of(tx, id)).Find(one => one.Return.RefundId == invoice.RefundId);
        return new Sheet(
            InvoiceView.Of(invoice), InvoiceView.Of(origin), soldBy, OrderView.Of(whole), back is null ? null : ReturnView.Of(back),
            whole.Order.Language);
    }

    /// <summary>A demo has nobody who could say who sells.</summary>
    private static void Pretend(SellerOptions seller)
    {
        if (seller.Name.Length > 0) return;
        (seller.Name, seller.Street, seller.PostalCode, seller.City) = ("Kontor Demo", "Speicherstraße 1", "20457", "Hamburg");
        (seller.Country, seller.TaxNumber, seller.Email) = ("Deutschland", "00/000/00000", "shop@kontor.example");
    }
}

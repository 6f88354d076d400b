using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using Kontor.Foundation;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Invoices;

/// <summary>Who sells, as invoices have to say. Configured under `Shop:Seller`.</summary>
public sealed record SellerOptions
{
    [MaxLength(200)]
    public string Name { get; set; } = "";

    [MaxLength(200)]
    public string Street { get; set; } = "";

    [MaxLength(20)]
    public string PostalCode { get; set; } = "";

    [MaxLength(100)]
    public string City { get; set; } = "";

    /// <summary>As it is written in an address.</summary>
    [MaxLength(100)]
    public string Country { get; set; } = "";

    /// <summary>The tax office's number, or <see cref="VatId"/>; one of them has to be there.</summary>
    [MaxLength(50)]
    public string TaxNumber { get; set; } = "";

    [MaxLength(50)]
    public string VatId { get; set; } = "";

    [MaxLength(200)]
    public string Email { get; set; } = "";

    /// <summary>Where the money for an invoice goes.</summary>
    [MaxLength(50)]
    public string Iban { get; set; } = "";

    /// <summary>An invoice without it is none.</summary>
    public bool IsComplete =>
        Name.Length > 0 && Street.Length > 0 && PostalCode.Length > 0 && City.Length > 0 && (TaxNumber.Length > 0 || VatId.Length > 0);
}

/// <summary>An invoice's row, or a credit note's.</summary>
/// <param name="RefundId">The refund that a credit note is for.</param>
/// <param name="AmountMinor">With tax; <paramref name="TaxMinor"/> is contained in it.</param>
/// <param name="Seller">As JSON, as it was when the number was drawn; null when nobody had configured it.</param>
internal sealed record Invoice(
    string Series, long Year, long Number, string OrderId, string? RefundId, long AmountMinor, long TaxMinor, string Currency,
    string? Seller, long IssuedAt)
{
    public const string OfOrder = "invoice";
    public const string CreditNote = "credit-note";
    public const string Columns =
        "series, year, number, order_id, refund_id, amount_minor, tax_minor, currency, seller, issued_at";

    public static readonly Problem Unknown = new(404, "not-found", "There is no such invoice.");
    public static readonly Problem SellerMissing = new(409, "seller-missing", "The shop has not said yet who sells.");

    public bool IsCreditNote => Series == CreditNote;

    /// <summary>For people, and in addresses.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{(IsCreditNote ? 'G' : 'R')}-{Year}-{Number:D6}");

    public Money Amount => new(AmountMinor, Currency);

    public Money Tax => new(TaxMinor, Currency);

    public SellerOptions? SoldBy => Seller is null ? null : JsonSerializer.Deserialize<SellerOptions>(Seller);
}

/// <param name="Kind">`invoice` or `credit-note`.</param>
/// <param name="Amount">With the tax that is contained in it; of a credit note what goes back.</param>
public sealed record InvoiceView(string Number, string Kind, decimal Amount, decimal Tax, string Currency, DateTimeOffset IssuedAt)
{
    internal static InvoiceView Of(Invoice invoice) => new(
        invoice.Text, invoice.Series, invoice.Amount.Major, invoice.Tax.Major, invoice.Currency, invoice.IssuedAt.ToTime());
}

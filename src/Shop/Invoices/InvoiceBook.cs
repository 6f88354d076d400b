using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Time;
using Kontor.Shop.Orders;
using Kontor.Shop.Pricing;
using Microsoft.Extensions.Options;

namespace Kontor.Shop.Invoices;

/// <summary>
/// Invoices and credit notes, numbered without a gap within their year: a number is drawn in the transaction that it belongs to, and
/// whoever draws the next one waits for its commit.
/// </summary>
internal sealed class InvoiceBook(IOptions<SellerOptions> seller, TimeProvider time)
{
    private sealed record Credited(long Amount, long Tax);

    private sealed record Taxed(long TaxRate, string Currency);

    /// <summary>Those of each order, the invoice first.</summary>
    public static async ValueTask<ILookup<string, Invoice>> Of(Tx tx, string[] orderIds) => (await tx.Query<Invoice>($"""
        SELECT {Invoice.Columns} FROM shop_invoices
        WHERE order_id {tx.Dialect.In("orderIds")}
        ORDER BY order_id, issued_at, series DESC, number
        """, new { orderIds })).ToLookup(invoice => invoice.OrderId);

    /// <summary>The order's invoice, once.</summary>
    public async ValueTask Issue(Tx tx, Order order)
    {
        if (await HasInvoice(tx, order.Id)) return;
        await Draw(tx, new(
            Invoice.OfOrder, 0, 0, order.Id, RefundId: null, order.TotalMinor, order.TaxMinor, order.Currency, Seller: null, time.NowMs()));
    }

    /// <summary>
    /// The credit note for a refund of an order that has an invoice. Its tax is rounded with that of the notes before, so that all of them
    /// together contain the tax of their sum.
    /// </summary>
    public async ValueTask Credit(Tx tx, string orderId, string refundId, long amountMinor)
    {
        if (!await HasInvoice(tx, orderId)) return;
        var order = (await tx.First<Taxed>("SELECT tax_rate, currency FROM shop_orders WHERE id = @orderId", new { orderId }))!;
        var before = (await tx.First<Credited>("""
            SELECT COALESCE(CAST(SUM(amount_minor) AS BIGINT), 0) AS amount, COALESCE(CAST(SUM(tax_minor) AS BIGINT), 0) AS tax
            FROM shop_invoices
            WHERE order_id = @orderId AND refund_id IS NOT NULL
            """, new { orderId }))!;
        var tax = Totals.ContainedTax(before.Amount + amountMinor, (int)order.TaxRate) - before.Tax;
        await Draw(tx, new(
            Invoice.CreditNote, 0, 0, orderId, refundId, amountMinor, tax, order.Currency, Seller: null, time.NowMs()));
    }

    private static ValueTask<bool> HasInvoice(Tx tx, string orderId) => tx.First<bool>(
        "SELECT EXISTS (SELECT 1 FROM shop_invoices WHERE order_id = @orderId AND series = 'invoice')", new { orderId });

    private async ValueTask Draw(Tx tx, Invoice invoice)
    {
        long year = invoice.IssuedAt.ToTime().Year;
        var number = await tx.First<long>("""
            INSERT INTO shop_invoice_numbers (series, year, last)
            VALUES (@series, @year, 1)
            ON CONFLICT (series, year) DO UPDATE SET last = shop_invoice_numbers.last + 1
            RETURNING last
            """, new { series = invoice.Series, year });
        await tx.Execute("""
            INSERT INTO shop_invoices (
                series, year, number, order_id, refund_id, amount_minor, tax_minor, currency, seller, issued_at)
            VALUES (@series, @year, @number, @orderId, @refundId, @amount, @tax, @currency, @seller, @issuedAt)
            """, new
        {
            series = invoice.Series,
            year,
            number,
            orderId = invoice.OrderId,
            refundId = invoice.RefundId,
            amount = invoice.AmountMinor,
            tax = invoice.TaxMinor,
            currency = invoice.Currency,
            seller = seller.Value.IsComplete ? JsonSerializer.Serialize(seller.Value) : null,
            issuedAt = invoice.IssuedAt,
        });
    }
}

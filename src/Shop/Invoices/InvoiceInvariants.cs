using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;

namespace Kontor.Shop.Invoices;

/// <summary>No number of an invoice is left out; each is for its order's total, and each refund after it has its credit note.</summary>
internal sealed class InvoicesHaveNoGaps(Database database) : IInvariant
{
    public string Name => "shop-invoices";

    public async Task<IReadOnlyList<string>> Violations(CancellationToken ct) => await database.Read(tx => tx.Query<string>("""
        SELECT 'Series ' || n.series || ' of ' || n.year || ' is at ' || n.last || ' and has ' || COUNT(i.number) || ' numbers up to '
            || COALESCE(MAX(i.number), 0) || '.'
        FROM shop_invoice_numbers n
        LEFT JOIN shop_invoices i ON i.series = n.series AND i.year = n.year
        GROUP BY n.series, n.year, n.last
        HAVING n.last <> COUNT(i.number) OR n.last <> COALESCE(MAX(i.number), 0)
        UNION ALL
        SELECT 'The invoice of order ' || o.id || ' is of ' || i.amount_minor || ', and the order costs ' || o.total_minor || '.'
        FROM shop_invoices i JOIN shop_orders o ON o.id = i.order_id
        WHERE i.series = 'invoice' AND (i.amount_minor <> o.total_minor OR i.tax_minor <> o.tax_minor)
        UNION ALL
        SELECT 'Refund ' || r.id || ' has no credit note of ' || r.amount_minor || '.'
        FROM shop_refunds r
        JOIN shop_invoices i ON i.order_id = r.order_id AND i.series = 'invoice' AND r.created_at > i.issued_at
        LEFT JOIN shop_invoices c ON c.refund_id = r.id
        WHERE c.number IS NULL OR c.amount_minor <> r.amount_minor
        LIMIT 100
        """).AsTask(), ct);
}

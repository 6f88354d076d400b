using System.Collections.Concurrent;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Kontor.Shop.Phone;

/// <summary>
/// Copies the catalogue to what phones keep: what changed about a product within a second or two, and every half minute whatever was
/// missed. Whether a product can be had only then: a popular one is sold out and back again with every cart, and each time would send
/// every phone to fetch it. Any number of nodes may do this; the second finds nothing to do.
/// </summary>
internal sealed partial class PhoneCatalogue(
    Database database, PhoneOrders orders, IEnumerable<ISyncVersions> versions, Signals signals, ILogger<PhoneCatalogue> logger)
    : BackgroundService
{
    /// <summary>One drawn version, and one page of a phone's pull.</summary>
    private const int ProductsAtOnce = 500;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WholeEvery = TimeSpan.FromSeconds(30);

    private const string InStock = "(COALESCE(s.on_hand - s.reserved, 0) > 0)";

    private const string Differs = """
        (c.id IS NULL AND p.is_deleted = false)
        OR (c.is_deleted = true AND p.is_deleted = false)
        OR (c.is_deleted = false AND (p.is_deleted = true OR c.slug <> p.slug OR c.name <> p.name OR c.description <> p.description
            OR c.category <> p.category OR c.price_minor <> p.price_minor OR c.currency <> p.currency
            OR COALESCE(c.lowest_minor, -1) <> COALESCE(p.lowest_minor, -1) OR COALESCE(c.image_url, '') <> COALESCE(p.image, '')
            OR c.rating_tenths <> p.rating_tenths OR c.review_count <> p.review_count))
        """;

    private const string Source = """
        FROM shop_products p
        LEFT JOIN shop_stock s ON s.product_id = p.id
        LEFT JOIN shop_phone_products c ON c.id = p.id
        """;

    private readonly ISyncVersions? _versions = versions.FirstOrDefault();
    private readonly ConcurrentDictionary<string, bool> _changed = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_versions is null) return;
        using var subscription = signals.Subscribe(Catalogue.Products.Signal, Note);
        var sinceWhole = WholeEvery;
        using var timer = new PeriodicTimer(Pause);
        var isFirst = true;
        do
        {
            try
            {
                if (isFirst) await orders.CopyMissing(stoppingToken);
                isFirst = false;
                sinceWhole += Pause;
                if (sinceWhole < WholeEvery) await CopyNoted(stoppingToken);
                else
                {
                    _changed.Clear();
                    await CopyAll(stoppingToken);
                    sinceWhole = TimeSpan.Zero;
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Everything that differs, what is in stock too.</summary>
    public async Task CopyAll(CancellationToken ct)
    {
        while (true)
        {
            string[] ids = [.. await database.Read(tx => tx.Query<string>($"""
                SELECT p.id {Source}
                WHERE {Differs} OR (c.is_deleted = false AND c.in_stock <> {InStock})
                ORDER BY p.id
                LIMIT {ProductsAtOnce}
                """).AsTask(), ct)];
            if (ids.Length == 0) return;
            await Copy(ids, ct);
        }
    }

    private void Note(string productId)
    {
        if (productId.Length > 0) _changed[productId] = true;
    }

    private async Task CopyNoted(CancellationToken ct)
    {
        foreach (var noted in _changed.Keys.Chunk(ProductsAtOnce))
        {
            foreach (var id in noted) _changed.TryRemove(id, out _);
            string[] ids = [.. await database.Read(tx => tx.Query<string>($"""
                SELECT p.id {Source}
                WHERE p.id {tx.Dialect.In("noted")} AND ({Differs})
                """, new { noted }).AsTask(), ct)];
            if (ids.Length > 0) await Copy(ids, ct);
        }
    }

    private Task Copy(string[] ids, CancellationToken ct) => database.Write(
        async tx =>
        {
            var version = await _versions!.DrawShared(tx);
            await tx.Execute($"""
                INSERT INTO shop_phone_products (
                    id, slug, name, description, category, price_minor, lowest_minor, currency, image_url, rating_tenths, review_count,
                    in_stock, created_at, updated_at, version, is_deleted)
                SELECT p.id, p.slug, p.name, p.description, p.category, p.price_minor, p.lowest_minor, p.currency, p.image,
                    p.rating_tenths, p.review_count, {InStock}, p.created_at, p.updated_at, @version, p.is_deleted
                {Source}
                WHERE p.id {tx.Dialect.In("ids")} AND ({Differs} OR (c.is_deleted = false AND c.in_stock <> {InStock}))
                ON CONFLICT (id) DO UPDATE SET
                    slug = excluded.slug, name = excluded.name, description = excluded.description, category = excluded.category,
                    price_minor = excluded.price_minor, lowest_minor = excluded.lowest_minor, currency = excluded.currency,
                    image_url = excluded.image_url, rating_tenths = excluded.rating_tenths, review_count = excluded.review_count,
                    in_stock = excluded.in_stock, updated_at = excluded.updated_at, version = excluded.version,
                    is_deleted = excluded.is_deleted
                """, new { ids, version });
        }, ct);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The phones' catalogue could not be renewed; the next round tries again")]
    private partial void LogFailed(Exception exception);
}

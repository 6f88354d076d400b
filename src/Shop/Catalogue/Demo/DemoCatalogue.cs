using System.Text.Json;
using Kontor.Foundation.Data;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;

namespace Kontor.Shop.Catalogue.Demo;

/// <summary>The products of `products.json`, with their pictures, their stock and, for the reduced ones, the price before.</summary>
internal sealed class DemoCatalogue(Database database, Products products, Stock stock, TimeProvider time) : IDemoData
{
    private const long AgeMs = 40 * Clock.Day;
    private const long ReducedMs = 5 * Clock.Day;

    private sealed record Entry(
        string Slug,
        string Name,
        string Description,
        string Category,
        long PriceMinor,
        long? PreviousPriceMinor,
        long Stock,
        long RatingTenths,
        long ReviewCount,
        string Image);

    public async Task Seed(CancellationToken ct)
    {
        await using var json = typeof(DemoCatalogue).Assembly.GetManifestResourceStream("Kontor.Shop.Catalogue.Demo.products.json")!;
        var entries = (await JsonSerializer.DeserializeAsync<List<Entry>>(json, JsonSerializerOptions.Web, ct))!;
        var now = time.NowMs();
        // Two nodes that start at once would otherwise both find nothing.
        await database.Exclusively(async tx =>
        {
            for (var i = 0; i < entries.Count; i++) await Add(tx, entries[i], now, createdAt: now - AgeMs - (i * Clock.Hour));
        }, ct);
    }

    private async Task Add(Tx tx, Entry entry, long now, long createdAt)
    {
        // One that an admin has deleted stays deleted.
        if (await tx.First<bool>("SELECT EXISTS (SELECT 1 FROM shop_products WHERE slug = @slug)", new { slug = entry.Slug })) return;
        var firstPrice = entry.PreviousPriceMinor ?? entry.PriceMinor;
        var image = $"/assets/shop/products/{entry.Image}";
        var id = await products.Add(tx, new NewProduct(entry.Name, entry.Description, entry.Category, firstPrice, image)
        {
            Slug = entry.Slug,
            RatingTenths = entry.RatingTenths,
            ReviewCount = entry.ReviewCount,
            CreatedAt = createdAt,
        });
        if (entry.PreviousPriceMinor is not null) await Products.SetPrice(tx, id, entry.PriceMinor, now - ReducedMs);
        await stock.Open(tx, id, entry.Stock, "system");
    }
}

using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Ui;
using Microsoft.Extensions.Options;

namespace Kontor.Shop;

/// <summary>Tells whoever runs the shop that little is left of a product.</summary>
internal sealed class LowStockLetters(Database database, Letters letters, IOptions<ShopOptions> options) : IEventHandler
{
    public string Name => "shop.low-stock-letters";

    public string Event => StockLow.Name;

    public Task Handle(StoredEvent stored, CancellationToken ct)
    {
        var low = stored.As<StockLow>();
        return StockLetter.Post(database, letters, options.Value, stored, low.ProductId, (T, product) => new()
        {
            Subject = T["Only {0} left: {1}", low.OnHand, product],
            Paragraphs =
            [
                T["There are {0} pieces of {1} on the shelf, those in carts included. {2} is the number at which you want to know.",
                    low.OnHand, product, low.Threshold],
            ],
            Link = new(T["Show the product"], $"/admin/products/{low.ProductId}"),
        }, ct);
    }
}

/// <summary>Tells whoever runs the shop that something is there again of a product that was gone.</summary>
internal sealed class StockBackLetters(Database database, Letters letters, IOptions<ShopOptions> options) : IEventHandler
{
    public string Name => "shop.stock-back-letters";

    public string Event => StockBack.Name;

    public Task Handle(StoredEvent stored, CancellationToken ct)
    {
        var back = stored.As<StockBack>();
        return StockLetter.Post(database, letters, options.Value, stored, back.ProductId, (T, product) => new()
        {
            Subject = T["There again: {0}", product],
            Paragraphs = [T["There are {0} pieces of {1} on the shelf, where there were none.", back.OnHand, product]],
            Link = new(T["Show the product"], $"/admin/products/{back.ProductId}"),
        }, ct);
    }
}

internal static class StockLetter
{
    private sealed record ProductName(string Name);

    public static Task Post(
        Database database, Letters letters, ShopOptions options, StoredEvent stored, string productId,
        Func<Texts, string, LetterContent> write, CancellationToken ct) => options.StockMail is not { Length: > 0 } address
        ? Task.CompletedTask
        : database.Write(async tx =>
        {
            var product = await tx.First<ProductName>("SELECT name FROM shop_products WHERE id = @productId", new { productId });
            var recipient = new Recipient(address, Name: "", options.StockMailLanguage);
            await letters.Post(tx, recipient, T => write(T, product!.Name), key: stored.Id);
        }, ct);
}

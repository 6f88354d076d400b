using System.Net;
using Kontor.Foundation;
using Kontor.Foundation.Data;
using Kontor.Foundation.Events;
using Kontor.Foundation.Seams;
using Kontor.Foundation.Time;
using Kontor.Shop.Cart;
using Kontor.Shop.Orders;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;

namespace Kontor.Shop.Tests;

/// <summary>What a test of stock, carts and orders needs to say.</summary>
public class ShopApp : KontorApp
{
    internal Stock Stock => Services.GetRequiredService<Stock>();

    internal OrderBook Orders => Services.GetRequiredService<OrderBook>();

    public Signals Signals => Services.GetRequiredService<Signals>();

    /// <summary>A product that is for sale; its id.</summary>
    public Task<string> GivenProduct(long stock, long priceMinor = 1000, string name = "Thing") =>
        Database.Write(tx => NewProduct(tx, Stock, stock, Clock.NowMs(), priceMinor, name));

    internal static async Task<string> NewProduct(
        Tx tx, Stock shelf, long stock, long now, long priceMinor = 1000, string name = "Thing")
    {
        var id = Ids.New();
        await tx.Execute("""
            INSERT INTO shop_products (id, slug, name, description, category, price_minor, currency, created_at, updated_at)
            VALUES (@id, @id, @name, '', 'things', @priceMinor, 'EUR', @now, @now)
            """, new { id, name, priceMinor, now });
        await shelf.Open(tx, id, stock, "test");
        return id;
    }

    /// <summary>What is on the shelf, and what of it is promised.</summary>
    public async Task<(long OnHand, long Reserved)> Level(string productId)
    {
        var level = await Database.Read(tx => tx.First<StockLevel>(
            "SELECT on_hand, reserved FROM shop_stock WHERE product_id = @productId", new { productId }).AsTask());
        return (level!.OnHand, level.Reserved);
    }

    /// <summary>What anybody may still take.</summary>
    public Task<long> Available(string productId) => Database.Read(tx => tx.First<long>("""
        SELECT s.on_hand - s.reserved + COALESCE((
            SELECT CAST(SUM(h.quantity) AS BIGINT) FROM shop_holds h
            WHERE h.product_id = s.product_id AND h.expires_at <= @now), 0)
        FROM shop_stock s WHERE s.product_id = @productId
        """, new { productId, now = Clock.NowMs() }).AsTask());

    /// <summary>The kinds of the product's movements, the oldest first.</summary>
    public Task<List<string>> Movements(string productId) => Database.Read(tx => tx.Query<string>(
        "SELECT kind FROM shop_ledger WHERE product_id = @productId ORDER BY id", new { productId }).AsTask());

    /// <summary>A guest who has not been here before.</summary>
    public Buyer Guest() => new(NewClient());

    /// <summary>A customer with an account.</summary>
    public async Task<(Buyer Buyer, string Id)> SignedIn()
    {
        var person = await this.NewPerson();
        return (new Buyer(person.Client), person.Id);
    }

    /// <summary>An administrator at a browser.</summary>
    public async Task<Browser> AdminBrowser()
    {
        var browser = NewBrowser();
        await browser.Open("/login");
        await browser.Submit("/login", ("email", "admin@kontor.example"), ("password", "kontor-demo-admin"));
        return browser;
    }

    /// <summary>An order of one product, placed by this buyer.</summary>
    public async Task<Reply> GivenOrder(Buyer buyer, int pieces = 1)
    {
        await buyer.Add(await GivenProduct(stock: 5), pieces);
        return (await buyer.Order()).ShouldBe(HttpStatusCode.Created);
    }

    /// <summary>What the tidying job does when it comes by.</summary>
    public async Task Tidy(int productsMax = 100)
    {
        while (await Database.Write(tx => Stock.Tidy(tx, productsMax).AsTask()) > 0) { }
    }

    /// <summary>What the job does. It passes over carts in use, such as by the news of carts, so these come first.</summary>
    public async Task ForgetOldCarts()
    {
        var hosted = Services.GetServices<IHostedService>().ToList();
        while (await Database.Read(tx => tx.First<bool>("SELECT EXISTS (SELECT 1 FROM shop_carts WHERE changed_at IS NOT NULL)").AsTask()))
            await Database.Write(tx => hosted.OfType<CartNews>().Single().Tell(tx).AsTask());
        await Database.Write(tx => hosted.OfType<CartTidying>().Single().Forget(tx).AsTask());
    }

    public Task EndSale(string productId) => Database.Write(tx => tx.Execute(
        "UPDATE shop_products SET is_deleted = true WHERE id = @productId", new { productId }).AsTask());

    public Task SetPrice(string productId, long priceMinor) => Database.Write(tx => tx.Execute(
        "UPDATE shop_products SET price_minor = @priceMinor WHERE id = @productId", new { productId, priceMinor }).AsTask());

    /// <summary>The number of events in the outbox that mean this order.</summary>
    public Task<long> Events(string name, string orderId) => Database.Read(tx => tx.First<long>(
        "SELECT COUNT(*) FROM foundation_events WHERE name = @name AND payload LIKE @order",
        new { name, order = $"%{orderId}%" }).AsTask());

    /// <summary>Every ledger, hold and order agrees with every other.</summary>
    public async Task ShouldAddUp()
    {
        foreach (var invariant in Services.GetServices<IInvariant>())
            (await invariant.Violations(CancellationToken.None)).ShouldBeEmpty(invariant.Name);
    }
}

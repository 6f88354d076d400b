using System.Net;
using System.Text.Json.Nodes;
using Kontor.Shop.Cart;
using Kontor.Shop.Catalogue;
using Kontor.Shop.Tests.Catalogue;
using Kontor.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>A shop whose people want to know what runs low.</summary>
public sealed class WatchedShop : ShopApp
{
    public const string Mail = "stock@kontor.example";

    protected override void Configure(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder) =>
        builder.Services.Configure<ShopOptions>(options => (options.StockMail, options.StockMailLanguage) = (Mail, "de"));
}

/// <summary>What the shop tells the platform, and how often.</summary>
public class EventTests(WatchedShop app) : IClassFixture<WatchedShop>
{
    [Fact]
    public async Task Many_changes_of_a_cart_are_told_of_once_and_as_it_is_then()
    {
        var (one, two) = (await app.GivenProduct(stock: 9, priceMinor: 500), await app.GivenProduct(stock: 9, priceMinor: 250));
        var (buyer, id) = await app.SignedIn();
        await buyer.Add(one);
        await buyer.Add(two);
        await buyer.Change(one, 3);
        await buyer.Remove(two);
        (await Tell()).ShouldBe(0, "whoever changes a cart mostly changes it again at once");

        app.Clock.Advance(TimeSpan.FromSeconds(6));
        await TellUntil(id, 1);

        var told = (await Events(CartChanged.Name, id)).ShouldHaveSingleItem();
        told["items"]!.AsArray().Select(item => $"{item!["productId"]} {item["quantity"]} {item["priceMinor"]}").ShouldBe([$"{one} 3 500"]);
        told["totalMinor"]!.GetValue<long>().ShouldBe(1500);
        await buyer.Change(one, 1);
        app.Clock.Advance(TimeSpan.FromSeconds(6));
        await TellUntil(id, 2);
        await buyer.Cart();
        app.Clock.Advance(TimeSpan.FromSeconds(6));
        await Tell();
        (await Events(CartChanged.Name, id)).Count.ShouldBe(2, "looking is no change");
    }

    [Fact]
    public async Task A_cart_that_was_ordered_is_told_of_as_an_order_alone()
    {
        var product = await app.GivenProduct(stock: 9);
        var (buyer, id) = await app.SignedIn();
        await buyer.Add(product);
        (await buyer.Order()).ShouldBe(HttpStatusCode.Created);

        app.Clock.Advance(TimeSpan.FromSeconds(6));
        await Tell();

        (await Events(CartChanged.Name, id)).ShouldBeEmpty();
        (await Events("shop.order-placed", id)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Looking_at_a_product_is_counted_and_told_of_together_whether_it_came_from_memory_or_not()
    {
        var product = await app.GivenProduct("Looked at", category: "views");
        using var person = await app.NewPerson();
        using var stranger = app.NewClient();
        using var admin = await app.Admin();
        for (var i = 0; i < 3; i++) await stranger.GetAsync($"/api/products/{product}");
        await person.Client.GetAsync($"/api/products/{product}");
        await admin.Client.GetAsync($"/api/products/{product}");
        await app.NewBrowser().Open("/products/looked-at");
        await stranger.GetAsync("/api/products/nothing");

        await app.Services.GetRequiredService<ProductViews>().Tell();

        // The server may be just telling of some of them by itself.
        var views = new List<JsonNode>();
        await PaymentApp.Eventually(
            async () =>
            {
                views = [.. (await Events("shop.product-viewed", product)).SelectMany(one => one["views"]!.AsArray()).OfType<JsonNode>()
                    .Where(view => (string)view["productId"]! == product)];
                return views.Sum(view => (long)view["count"]!) >= 5;
            },
            "all were told of");
        views.Sum(view => (long)view["count"]!).ShouldBe(5);
        views.Where(view => (string?)view!["userId"] == person.Id).Sum(view => (long)view!["count"]!).ShouldBe(1);
        views.ShouldAllBe(view => (string)view!["category"]! == "views");
    }

    [Fact]
    public async Task A_price_that_falls_is_told_of_with_the_lowest_of_thirty_days_and_one_that_rises_is_not()
    {
        var product = await app.GivenProduct("Falling", priceMinor: 1000);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.ChangePrice(product, 800);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.ChangePrice(product, 1200);
        app.Clock.Advance(TimeSpan.FromDays(1));
        await app.ChangePrice(product, 900);

        var told = await Events("shop.price-dropped", product);

        told.Select(drop => $"{drop["beforeMinor"]} {drop["priceMinor"]} {drop["lowestMinor"]} {drop["slug"]}")
            .ShouldBe(["1000 800 1000 falling", "1200 900 800 falling"]);
    }

    [Fact]
    public async Task Low_stock_is_told_of_once_for_each_crossing_and_stock_that_is_back_too()
    {
        var product = await app.GivenProduct("Dwindling", stock: 8);
        using var admin = await app.Admin();
        var shop = new Buyer(admin.Client);
        (await shop.Send(HttpMethod.Put, $"/api/admin/products/{product}/stock/threshold", new { pieces = 3 }))
            .ShouldBe(HttpStatusCode.OK).Body.Text("lowStockAt").ShouldBe("3");

        foreach (var pieces in new[] { 3, 1, 1 }) await Buy(product, pieces);
        await Buy(product, 1);
        await app.ChangeStock(product, +5);
        await app.ChangeStock(product, -4);
        await app.ChangeStock(product, -3);
        await app.ChangeStock(product, +1);

        (await Events("shop.stock-low", product)).Select(low => $"{low["onHand"]} of {low["threshold"]}").ShouldBe(["3 of 3", "3 of 3"]);
        (await Events("shop.stock-back", product)).Select(back => (long)back["onHand"]!).ShouldBe([1]);
        var mails = await app.MailsTo(WatchedShop.Mail);
        mails.Count(mail => mail.Subject == "Nur noch 3 da: Dwindling").ShouldBe(2);
        mails.Count(mail => mail.Subject == "Wieder da: Dwindling").ShouldBe(1);
    }

    [Fact]
    public async Task A_sale_that_is_undone_has_told_nobody()
    {
        var product = await app.GivenProduct("Undone", stock: 6);
        await Should.ThrowAsync<InvalidTimeZoneException>(() => app.Database.Write(async tx =>
        {
            await app.Stock.Change(tx, product, -5, "counted", "test");
            throw new InvalidTimeZoneException("a fault before the commit");
        }));

        (await Events("shop.stock-low", product)).ShouldBeEmpty();
    }

    private async Task Buy(string product, int pieces)
    {
        var guest = app.Guest();
        await guest.Add(product, pieces);
        (await guest.Order()).ShouldBe(HttpStatusCode.Created);
    }

    private Task<int> Tell() => app.Database.Write(
        tx => app.Services.GetServices<IHostedService>().OfType<CartNews>().Single().Tell(tx).AsTask());

    /// <summary>The server may have taken the cart up by itself, and has not committed yet.</summary>
    private Task TellUntil(string userId, int count) => PaymentApp.Eventually(
        async () =>
        {
            await Tell();
            return (await Events(CartChanged.Name, userId)).Count >= count;
        },
        $"the cart was told of {count} times");

    /// <summary>The payloads of the events of this name that mention somebody or something, the oldest first.</summary>
    private async Task<List<JsonNode>> Events(string name, string mention) => (await app.Database.Read(tx => tx.Query<string>(
        "SELECT payload FROM foundation_events WHERE name = @name AND payload LIKE @mention ORDER BY created_at, id",
        new { name, mention = $"%{mention}%" }).AsTask())).ConvertAll(payload => JsonNode.Parse(payload)!);
}

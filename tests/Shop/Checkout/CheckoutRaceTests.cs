using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class CheckoutRaceTests(ShopApp app, ITestOutputHelper output) : IClassFixture<ShopApp>
{
    [Fact]
    public async Task Two_tabs_that_check_out_one_cart_make_one_order()
    {
        var product = await app.GivenProduct(stock: 50);
        var guest = app.Guest();
        await guest.Add(product, 2);

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => guest.Order()));

        replies.Count(reply => reply.Status == HttpStatusCode.Created).ShouldBe(1);
        replies.Count(reply => reply is { Status: HttpStatusCode.Conflict, Code: "cart-empty" }).ShouldBe(7);
        (await app.Level(product)).ShouldBe((48, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Equal_requests_at_once_make_one_order_and_equal_answers()
    {
        var product = await app.GivenProduct(stock: 50);
        var guest = app.Guest();
        await guest.Add(product, 2);

        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => guest.Order(key: "at-once")));

        replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.Created);
        replies.Select(reply => reply.Body.ToJsonString()).Distinct().ShouldHaveSingleItem();
        (await app.Level(product)).ShouldBe((48, 0));
    }

    [Fact]
    public async Task Two_hundred_buyers_at_once_get_exactly_the_fifty_pieces()
    {
        var product = await app.GivenProduct(stock: 50);
        var buyers = Enumerable.Range(0, 200).Select(_ => app.Guest()).ToList();

        var begun = Stopwatch.GetTimestamp();
        var added = await Task.WhenAll(buyers.Select(buyer => buyer.Add(product)));
        var ordered = await Task.WhenAll(buyers.Select(buyer => buyer.Order()));

        output.WriteLine($"200 buyers were answered in {Stopwatch.GetElapsedTime(begun).TotalMilliseconds:0} ms");
        added.Count(reply => reply.Status == HttpStatusCode.OK).ShouldBe(50);
        added.Count(reply => reply is { Status: HttpStatusCode.Conflict, Code: "insufficient-stock" }).ShouldBe(150);
        ordered.Count(reply => reply.Status == HttpStatusCode.Created).ShouldBe(50);
        ordered.Count(reply => reply is { Status: HttpStatusCode.Conflict, Code: "cart-empty" }).ShouldBe(150);
        ordered.Select(reply => (string?)reply.Body["number"]).OfType<string>().Distinct().Count().ShouldBe(50);
        (await app.Level(product)).ShouldBe((0, 0));
        (await app.Movements(product)).Count(kind => kind == Movement.Sold).ShouldBe(50);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Two_hundred_buyers_at_once_on_two_nodes_get_exactly_the_fifty_pieces()
    {
        Assert.SkipUnless(TestDatabase.IsPostgres, "SQLite has one node.");
        var product = await app.GivenProduct(stock: 50);
        await using var node = (ShopApp)await app.AnotherNode();
        var buyers = Enumerable.Range(0, 200).Select(i => (i % 2 == 0 ? app : node).Guest()).ToList();
        var times = new ConcurrentBag<double>();

        var replies = await Task.WhenAll(buyers.Select(async buyer =>
        {
            var begun = Stopwatch.GetTimestamp();
            var added = await buyer.Add(product);
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
            return (Added: added, Ordered: await buyer.Order());
        }));

        var sorted = times.Order().ToList();
        output.WriteLine($"Put in the cart in {sorted[100]:0} ms (median), {sorted[^1]:0} ms (slowest)");
        replies.Count(reply => reply.Added.Status == HttpStatusCode.OK).ShouldBe(50);
        replies.Count(reply => reply.Added is { Status: HttpStatusCode.Conflict, Code: "insufficient-stock" }).ShouldBe(150);
        replies.Count(reply => reply.Ordered.Status == HttpStatusCode.Created).ShouldBe(50);
        replies.Count(reply => reply.Ordered is { Status: HttpStatusCode.Conflict, Code: "cart-empty" }).ShouldBe(150);
        (await app.Level(product)).ShouldBe((0, 0));
        (await app.Movements(product)).Count(kind => kind == Movement.Sold).ShouldBe(50);
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Two_hundred_carts_whose_holds_ran_out_fight_for_fifty_pieces_and_fifty_win()
    {
        var product = await app.GivenProduct(stock: 200);
        var buyers = Enumerable.Range(0, 200).Select(_ => app.Guest()).ToList();
        await Task.WhenAll(buyers.Select(buyer => buyer.Add(product)));
        app.Clock.Advance(TimeSpan.FromHours(1));
        await app.Database.Write(tx => app.Stock.Change(tx, product, -150, "flood", "test").AsTask());

        var ordered = await Task.WhenAll(buyers.Select(buyer => buyer.Order()));

        ordered.Count(reply => reply.Status == HttpStatusCode.Created).ShouldBe(50);
        ordered.Count(reply => reply is { Status: HttpStatusCode.Conflict, Code: "insufficient-stock" }).ShouldBe(150);
        (await app.Level(product)).ShouldBe((0, 0));
        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Carts_with_the_same_products_in_another_order_do_not_stand_in_each_others_way()
    {
        var products = new List<string>();
        for (var i = 0; i < 6; i++) products.Add(await app.GivenProduct(stock: 60));
        var buyers = Enumerable.Range(0, 60).Select(_ => app.Guest()).ToList();

        var ordered = await Task.WhenAll(buyers.Select(async (buyer, i) =>
        {
            foreach (var product in i % 2 == 0 ? products : products.AsEnumerable().Reverse()) await buyer.Add(product);
            return await buyer.Order();
        }));

        ordered.ShouldAllBe(reply => reply.Status == HttpStatusCode.Created);
        foreach (var product in products) (await app.Level(product)).ShouldBe((0, 0));
        await app.ShouldAddUp();
    }
}

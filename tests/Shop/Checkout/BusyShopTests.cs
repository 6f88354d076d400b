using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

public class BusyShopTests(ShopApp app) : IClassFixture<ShopApp>
{
    private const int Buyers = 24;
    private const int StepsEach = 30;

    /// <summary>The same for each run, so that one that fails can be looked at again.</summary>
    private const int Seed = 20_261;

    [Fact]
    public async Task Whatever_buyers_admins_and_time_do_at_once_the_books_agree_and_nobody_sees_an_error()
    {
        // All of it happens while one access token is good.
        var options = app.Services.GetRequiredService<IOptions<ShopOptions>>().Value;
        (options.HoldMinutes, options.GuestHoldMinutes) = (2, 1);
        var products = new List<string>();
        for (var i = 0; i < 5; i++) products.Add(await app.GivenProduct(stock: 40));
        var people = await Task.WhenAll(Enumerable.Range(0, Buyers / 3).Select(_ => app.SignedIn()));

        await Task.WhenAll([
            .. Enumerable.Range(0, Buyers).Select(i => Shop(people[i % people.Length].Buyer, products, new Random(Seed + i))),
            Manage(products, new Random(Seed - 1)),
            PassTime()]);

        await app.ShouldAddUp();
        var movements = new List<string>();
        foreach (var product in products)
        {
            (await app.Available(product)).ShouldBeGreaterThanOrEqualTo(0);
            movements.AddRange(await app.Movements(product));
        }

        movements.Distinct().Count().ShouldBe(7, "every kind of movement took part");
    }

    /// <summary>Each person has three devices, each of which shops as a guest first and brings that cart along.</summary>
    private async Task Shop(Buyer person, List<string> products, Random random)
    {
        var guest = app.Guest();
        var device = new Buyer(person.Client);
        var orders = new List<(Buyer Buyer, string Id)>();
        for (var step = 0; step < StepsEach; step++)
        {
            var buyer = random.Next(2) == 0 ? guest : device;
            var product = products[random.Next(products.Count)];
            var reply = random.Next(8) switch
            {
                0 or 1 or 2 => await buyer.Add(product, random.Next(1, 4)),
                3 => await buyer.Change(product, random.Next(1, 6)),
                4 => await buyer.Remove(product),
                5 => await buyer.Order(),
                6 when orders.Count > 0 => await Cancel(orders[random.Next(orders.Count)]),
                _ => await Merge(device, guest),
            };
            ((int)reply.Status).ShouldBeLessThan(500, reply.Body.ToJsonString());
            if (reply.Status == HttpStatusCode.Created) orders.Add((buyer, reply.Id()));
        }
    }

    private static Task<Reply> Cancel((Buyer Buyer, string Id) order) => order.Buyer.Cancel(order.Id);

    private static async Task<Reply> Merge(Buyer device, Buyer guest)
    {
        device.Token = guest.Token;
        var reply = await device.Cart();
        device.Token = null;
        return reply;
    }

    private async Task Manage(List<string> products, Random random)
    {
        for (var step = 0; step < 2 * StepsEach; step++)
        {
            var product = products[random.Next(products.Count)];
            await app.Database.Write(tx => app.Stock.Change(tx, product, random.Next(-6, 9) * 2 + 1, "counted", "admin:test").AsTask());
        }
    }

    private async Task PassTime()
    {
        for (var step = 0; step < StepsEach; step++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(20));
            await app.Database.Write(tx => app.Stock.Tidy(tx, productsMax: 2).AsTask());
            await app.ShouldAddUp();
        }
    }
}

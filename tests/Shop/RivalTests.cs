using System.Net;
using Kontor.Testing;
using Shouldly;
using Xunit;

namespace Kontor.Shop.Tests;

/// <summary>Two who want what only one can have, at the same moment, again and again.</summary>
public class RivalTests(ShopApp app) : IClassFixture<ShopApp>
{
    private const int Times = 10;

    [Fact]
    public async Task A_cancellation_against_a_shipment_has_one_winner()
    {
        using var admin = await app.Admin();
        var shop = new Buyer(admin.Client);
        for (var i = 0; i < Times; i++)
        {
            var (product, buyer) = (await app.GivenProduct(stock: 5), app.Guest());
            await buyer.Add(product, 2);
            var path = $"/api/admin/orders/{(await buyer.Order()).ShouldBe(HttpStatusCode.Created).Id()}";
            (await shop.Send(HttpMethod.Patch, path, new { status = "paid" })).ShouldBe(HttpStatusCode.OK);

            var replies = await Task.WhenAll(
                buyer.Cancel(path.Split('/')[^1]), shop.Send(HttpMethod.Patch, path, new { status = "shipped" }));

            replies.Count(reply => reply.Status == HttpStatusCode.OK).ShouldBe(1);
            replies.Count(reply => reply is { Status: HttpStatusCode.Conflict, Code: "order-transition" }).ShouldBe(1);
            (await app.Level(product)).ShouldBe((replies[0].Status == HttpStatusCode.OK ? 5 : 3, 0));
        }

        await app.ShouldAddUp();
    }

    [Fact]
    public async Task A_sign_in_against_an_addition_loses_no_piece()
    {
        var (person, _) = await app.SignedIn();
        for (var i = 0; i < Times; i++)
        {
            var (product, guest) = (await app.GivenProduct(stock: 5), app.Guest());
            await guest.Add(product, 2);
            var device = new Buyer(person.Client) { Token = guest.Token };

            var replies = await Task.WhenAll(device.Cart(), guest.Add(product, 1));

            replies.ShouldAllBe(reply => reply.Status == HttpStatusCode.OK);
            (await app.Level(product)).ShouldBe((5, 3));
            var carts = await Task.WhenAll(person.Cart(), guest.Cart());
            carts.SelectMany(cart => cart.Body["items"]!.AsArray()).Where(line => (string)line!["productId"]! == product)
                .Sum(line => (int)line!["quantity"]!).ShouldBe(3);
        }

        await app.ShouldAddUp();
    }

    [Fact]
    public async Task Goods_that_are_lost_against_a_buyer_who_takes_them_have_one_winner()
    {
        using var admin = await app.Admin();
        var shop = new Buyer(admin.Client);
        for (var i = 0; i < Times; i++)
        {
            var product = await app.GivenProduct(stock: 5);

            var replies = await Task.WhenAll(
                app.Guest().Add(product, 5),
                shop.Send(HttpMethod.Post, $"/api/admin/products/{product}/stock", new { delta = -3, reason = "broken" }));

            replies.Count(reply => reply.Status == HttpStatusCode.OK).ShouldBe(1);
            replies.Count(reply => reply is { Status: HttpStatusCode.Conflict, Code: "insufficient-stock" }).ShouldBe(1);
            (await app.Level(product)).ShouldBe(replies[0].Status == HttpStatusCode.OK ? (5, 5) : (2, 0));
        }

        await app.ShouldAddUp();
    }
}
